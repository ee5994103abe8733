/** The architecture of a processor, by the name that the nucleus uses. Other names, such as `x86_64` or `arm64`, match no device. */
export enum ComponentArchitecture {
  /** x86, 64 bits. */
  AMD64 = 'amd64',
  /** ARM, 64 bits. */
  AARCH64 = 'aarch64',
  /** ARM, 32 bits. */
  ARM = 'arm',
  /** x86, 32 bits. */
  X86 = 'x86',
}

/**
 * The platform that a manifest of a component is for. Each has `runtime: "*"`, which both kinds of nucleus match.
 * Without it, nucleus lite would skip the manifest.
 */
export class ComponentPlatform {
  /** Linux on one architecture, or on all of them. */
  public static linux(architecture?: ComponentArchitecture): ComponentPlatform {
    return new ComponentPlatform('linux', architecture);
  }

  /** All devices. Put it last: a device takes the first manifest that matches. */
  public static any(): ComponentPlatform {
    return new ComponentPlatform('*');
  }

  private constructor(private readonly os: string, private readonly architecture?: ComponentArchitecture) {}

  /** The platform as it stands in the recipe.
   * @internal */
  public _render(): Record<string, string> {
    const architecture: Record<string, string> = this.architecture === undefined ? {} : { architecture: this.architecture };
    return { os: this.os, ...architecture, runtime: '*' };
  }
}
