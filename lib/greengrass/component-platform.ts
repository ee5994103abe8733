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
 * The platform that a manifest of a component is for. A device takes the first manifest that matches.
 *
 * `linux` and `any` match both kinds of nucleus (`runtime: "*"`). The two kinds do not run steps in the same way: where that
 * matters, put a manifest for `nucleusLite` before the other.
 */
export class ComponentPlatform {
  /** Linux on one architecture, or on all of them. */
  public static linux(architecture?: ComponentArchitecture): ComponentPlatform {
    return new ComponentPlatform('linux', architecture);
  }

  /**
   * Linux with Greengrass nucleus lite, on one architecture, or on all of them. Nucleus classic skips the manifest.
   *
   * Nucleus lite 2.6.0 refuses a manifest without a step, and ends the processes that a step leaves behind. Give a component
   * that runs nothing the step `run: exec sleep infinity`: components that depend on it need its process. Of a `startup` step,
   * the last two commands are `systemd-notify --ready` and the `exec` of the process that goes on.
   */
  public static nucleusLite(architecture?: ComponentArchitecture): ComponentPlatform {
    return new ComponentPlatform('linux', architecture, 'aws_nucleus_lite');
  }

  /** All devices. Put it last: a device takes the first manifest that matches. */
  public static any(): ComponentPlatform {
    return new ComponentPlatform('*');
  }

  private constructor(
    private readonly os: string,
    private readonly architecture?: ComponentArchitecture,
    private readonly runtime = '*',
  ) {}

  /** The platform as it stands in the recipe.
   * @internal */
  public _render(): Record<string, string> {
    const architecture: Record<string, string> = this.architecture === undefined ? {} : { architecture: this.architecture };
    return { os: this.os, ...architecture, runtime: this.runtime };
  }
}
