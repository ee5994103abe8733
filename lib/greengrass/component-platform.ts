/** Processors by the names that the nucleus has for them. Others, such as `x86_64` or `arm64`, match no device. */
export enum ComponentArchitecture {
  /** A PC: x86, 64 bits. */
  AMD64 = 'amd64',
  /** ARM, 64 bits. */
  AARCH64 = 'aarch64',
  /** ARM, 32 bits. */
  ARM = 'arm',
  /** x86, 32 bits. */
  X86 = 'x86',
}

/**
 * The devices that a manifest of a component is for. Each says `runtime: "*"`, which both kinds of nucleus match; without it nucleus lite would skip
 * the manifest.
 */
export class ComponentPlatform {
  /** Linux on one kind of processor, or on any. */
  public static linux(architecture?: ComponentArchitecture): ComponentPlatform {
    return new ComponentPlatform('linux', architecture);
  }

  /** Any device. Put it last: the first manifest that matches is the one. */
  public static any(): ComponentPlatform {
    return new ComponentPlatform('*');
  }

  private constructor(private readonly os: string, private readonly architecture?: ComponentArchitecture) {}

  /** As the recipe says it.
   * @internal */
  public _render(): Record<string, string> {
    return { os: this.os, ...(this.architecture === undefined ? {} : { architecture: this.architecture }), runtime: '*' };
  }
}
