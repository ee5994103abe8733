import { aws_sagemaker as sagemaker, Fn, Resource, Token, type IResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { generatedName, shortHash } from '../private/naming';
import { ValidationError } from '../private/validation';
import { StudioAppType } from './studio-app-type';

/** `StudioLifecycleConfigContent` of SageMaker's API, in base64. */
const MAX_CONTENT = 16_384;

/** A script that runs whenever an application of Studio starts. */
export interface IStudioLifecycleConfig extends IResource {
  /**
   * The ARN of the lifecycle configuration.
   * @attribute
   */
  readonly lifecycleConfigArn: string;

  /** The application that the script is for. */
  readonly appType: StudioAppType;
}

/** Properties of a `StudioLifecycleConfig`. */
export interface StudioLifecycleConfigProps {
  /**
   * The script, as text: at most 12,288 bytes. SageMaker gives it five minutes, and the application does not start where it fails.
   */
  readonly script: string;

  /**
   * The application that the script is for.
   *
   * @default StudioAppType.JUPYTER_LAB
   */
  readonly appType?: StudioAppType;
}

/**
 * Defines a script that runs whenever an application of Studio starts.
 *
 * Its name holds a hash of the script: SageMaker can not change a script, so that another one is another configuration.
 */
export class StudioLifecycleConfig extends Resource implements IStudioLifecycleConfig {
  /** @attribute */
  public readonly lifecycleConfigArn: string;

  public readonly appType: StudioAppType;

  public constructor(scope: Construct, id: string, props: StudioLifecycleConfigProps) {
    super(scope, id);
    const { appType = StudioAppType.JUPYTER_LAB, script } = props;
    this.appType = appType;
    const isKnown = !Token.isUnresolved(script);
    const content = isKnown ? Buffer.from(script).toString('base64') : Fn.base64(script);
    if (isKnown && (script === '' || content.length > MAX_CONTENT)) {
      throw new ValidationError(this, `script must be 1 to ${MAX_CONTENT / 4 * 3} bytes, got ${Buffer.byteLength(script)}`);
    }
    const hash = shortHash(isKnown ? `${appType} ${script}` : this.node.addr);
    this.lifecycleConfigArn = new sagemaker.CfnStudioLifecycleConfig(this, 'Resource', {
      studioLifecycleConfigAppType: appType,
      studioLifecycleConfigContent: content,
      studioLifecycleConfigName: `${generatedName(scope, id, 63 - hash.length - 1)}-${hash}`,
    }).attrStudioLifecycleConfigArn;
  }
}
