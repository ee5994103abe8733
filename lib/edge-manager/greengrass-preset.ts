import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateText, type TextRule } from '../private/validation';

/** The operating system of the component that a packaging job creates. */
export enum PresetPlatformOs {
  /** Linux. */
  LINUX = 'Linux',
  /** Windows. */
  WINDOWS = 'Windows',
}

/** The architecture of the component that a packaging job creates. */
export enum PresetPlatformArchitecture {
  /** 64-bit x86, Linux. */
  LINUX_X86 = 'Linux x86_64',
  /** 64-bit ARM (ARMv8), Linux. */
  LINUX_ARM_V8 = 'Linux ARMV8',
  /** 32-bit x86, Windows. */
  WINDOWS32_X86 = 'Windows32_x86',
  /** 64-bit x86, Windows. */
  WINDOWS64_X64 = 'Windows64_x64',
}

/** Options for the Greengrass V2 component of a packaging job. */
export interface GreengrassPresetOptions {
  /**
   * The name of the component: 1 to 128 letters, digits and `- _ .`.
   *
   * @default - 'SagemakerEdgeManager', followed by the name of the packaging job
   */
  readonly componentName?: string;

  /**
   * The description of the component: at most 256 characters.
   *
   * @default - the service writes one
   */
  readonly componentDescription?: string;

  /**
   * The version of the component, such as `1.2.3`. A version cannot be created twice. With the version of before, the job succeeds and
   * the component fails, which fails the deployment.
   *
   * @default - the service chooses one
   */
  readonly componentVersion?: string;

  /**
   * The operating system that the component is for.
   *
   * @default - the service takes that of the compilation's target
   */
  readonly platformOs?: PresetPlatformOs;

  /**
   * The architecture that the component is for.
   *
   * @default - the service takes that of the compilation's target
   */
  readonly platformArchitecture?: PresetPlatformArchitecture;
}

const COMPONENT_NAME: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9-_.]+$/, wanted: 'letters, digits and - _ .' };
const COMPONENT_VERSION: TextRule = {
  max: 64,
  pattern: /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/,
  wanted: "a semantic version like '1.2.3'",
};

/** Lets a packaging job create a Greengrass V2 component as well. */
export class GreengrassPreset {
  /** Create a Greengrass V2 component with these options. */
  public static component(options: GreengrassPresetOptions = {}): GreengrassPreset {
    validateText(undefined, 'componentName', options.componentName, COMPONENT_NAME);
    validateText(undefined, 'componentDescription', options.componentDescription, { max: 256 });
    validateText(undefined, 'componentVersion', options.componentVersion, COMPONENT_VERSION);
    return new GreengrassPreset(options);
  }

  private constructor(private readonly options: GreengrassPresetOptions) {}

  /** `OutputConfig` of CreateEdgePackagingJob, the part of the preset.
   * @internal */
  public _render(scope: Construct): { readonly PresetDeploymentType: string; readonly PresetDeploymentConfig: string } {
    const { componentName, componentDescription, componentVersion, platformOs, platformArchitecture } = this.options;
    return {
      PresetDeploymentType: 'GreengrassV2Component',
      PresetDeploymentConfig: Stack.of(scope).toJsonString({
        ComponentName: componentName, ComponentDescription: componentDescription, ComponentVersion: componentVersion,
        PlatformOS: platformOs, PlatformArchitecture: platformArchitecture,
      }),
    };
  }

  /** The beginning of the names of the components that it makes.
   * @internal */
  public get _componentNames(): string {
    const { componentName } = this.options;
    return componentName === undefined ? 'SagemakerEdgeManager*' : `${componentName}:*`;
  }
}
