import {
  aws_iam as iam, aws_sagemaker as sagemaker, Resource, Stack, type aws_kms as kms, type aws_s3 as s3, type CfnResource, type IResource,
  type RemovalPolicy,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultJobRole } from '../jobs/role';
import { acknowledgeWildcards } from '../private/nag/acknowledge';
import { generatedName } from '../private/naming';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { validateText, type TextRule } from '../private/validation';
import { ExperimentTrackingKind } from './experiment-tracking-kind';
import { givenOrMadeBucket } from './private/made-bucket';
import { grantArtifacts, grantFindArtifacts } from './private/tracking/artifacts';
import { MlflowAppResource, type MlflowAppResourceProps } from './private/tracking/mlflow-app-resource';
import { MLFLOW_APP_ACTIONS, REGISTRATION_ACTIONS, TRACKING_SERVER_ACTIONS } from './private/tracking/rights';
import { TrackingServerSize } from './tracking-server-size';

const NAME: TextRule = {
  min: 1, max: 256, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/, wanted: 'letters, digits and hyphens, with neither end a hyphen',
};

/** No character that IAM would read as a wildcard or a variable. */
const PREFIX: TextRule = {
  min: 1, max: 512, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
  wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
};

const WINDOW: TextRule = {
  pattern: /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d$/, wanted: "a day and a time in UTC like 'Tue:03:30'",
};

const DEFAULT_PREFIX = 'mlflow';

/** An MLflow app or a tracking server that experiments are tracked in. */
export interface IExperimentTracking extends IResource {
  /**
   * The tracking URI of MLflow's clients: the ARN of the app or the server. A client needs both packages, `mlflow` and `sagemaker-mlflow`.
   *
   * @attribute
   */
  readonly trackingUri: string;

  /**
   * Grants what a client needs to track runs, to read them, and to register models in MLflow. It may not delete.
   *
   * MLflow's clients read and write artifacts in S3 by themselves: where the bucket is known, this is granted as well. An MLflow app knows
   * one right for all of its API, so that a client of an app may also delete runs.
   */
  grantTrack(grantee: iam.IGrantable): iam.Grant;
}

/** Where the artifacts of an imported app or server are. */
export interface ExperimentTrackingImportOptions {
  /**
   * The bucket of the artifacts.
   *
   * @default - not known, so that `grantTrack` grants nothing in S3
   */
  readonly artifactBucket?: s3.IBucket;

  /**
   * The prefix of all artifacts in the bucket, without a slash at its end.
   *
   * @default - the whole bucket
   */
  readonly artifactPrefix?: string;
}

/** Properties of an `ExperimentTracking`. */
export interface ExperimentTrackingProps {
  /**
   * An MLflow app or a tracking server.
   *
   * @default ExperimentTrackingKind.mlflowApp()
   */
  readonly kind?: ExperimentTrackingKind;

  /**
   * The name of the app or the server: 1 to 256 letters, digits and hyphens. A new name replaces it, and its runs are lost.
   *
   * @default - made of the names of the stack and of the construct
   */
  readonly trackingName?: string;

  /**
   * The bucket of the artifacts.
   *
   * @default - a private bucket is made, encrypted with `encryptionKey` or by S3
   */
  readonly artifactBucket?: s3.IBucket;

  /**
   * The prefix of all artifacts in the bucket, without a slash at its end.
   *
   * @default 'mlflow'
   */
  readonly artifactPrefix?: string;

  /**
   * The KMS key of the bucket that is made. It can not be given with `artifactBucket`, which has a key of its own.
   *
   * @default - S3 encrypts with its own keys (SSE-S3)
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The role that SageMaker assumes for the app or the server. It must trust `sagemaker.amazonaws.com`, and is granted what is missing.
   *
   * @default - a role that can read and write the artifacts, and no more
   */
  readonly role?: iam.IRole;

  /**
   * Whether a model that is registered in MLflow also comes to SageMaker's model registry. Then the role may write there.
   *
   * @default false
   */
  readonly automaticModelRegistration?: boolean;

  /**
   * When SageMaker may maintain the app or the server each week, in UTC: `Tue:03:30`.
   *
   * @default - SageMaker chooses
   */
  readonly weeklyMaintenanceWindowStart?: string;

  /**
   * What happens to the bucket that is made when it is removed from the stack. `DESTROY` also deletes its objects. The runs themselves
   * are in the app or the server, and always go with it.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

interface Artifacts {
  readonly bucket: s3.IBucket;
  readonly prefix?: string;
}

abstract class ExperimentTrackingBase extends Resource implements IExperimentTracking {
  public abstract readonly trackingUri: string;
  /** @internal */
  protected abstract readonly _artifacts?: Artifacts;
  /** @internal */
  protected abstract readonly _actions: readonly string[];

  public grantTrack(grantee: iam.IGrantable): iam.Grant {
    const call = iam.Grant.addToPrincipal({ grantee, actions: [...this._actions], resourceArns: [this.trackingUri] });
    return this._artifacts === undefined ? call : call.combine(grantArtifacts(grantee, this._artifacts.bucket, this._artifacts.prefix));
  }
}

/**
 * Defines where experiments are tracked: an MLflow app or a tracking server of SageMaker, with its role and its artifact bucket.
 *
 * The runs live and die with it: `cdk destroy` deletes them, and keeps the artifacts unless `removalPolicy` says otherwise.
 */
export class ExperimentTracking extends ExperimentTrackingBase {
  /**
   * Import an existing MLflow app.
   * @param mlflowAppArn like `arn:aws:sagemaker:<region>:<account>:mlflow-app/app-<id>`
   */
  public static fromMlflowAppArn(
    scope: Construct, id: string, mlflowAppArn: string, options: ExperimentTrackingImportOptions = {},
  ): IExperimentTracking {
    validateText(scope, 'mlflowAppArn', mlflowAppArn, arnRule('mlflow-app'));
    return imported(scope, id, mlflowAppArn, MLFLOW_APP_ACTIONS, options);
  }

  /**
   * Import an existing tracking server.
   * @param trackingServerArn like `arn:aws:sagemaker:<region>:<account>:mlflow-tracking-server/<name>`
   */
  public static fromTrackingServerArn(
    scope: Construct, id: string, trackingServerArn: string, options: ExperimentTrackingImportOptions = {},
  ): IExperimentTracking {
    validateText(scope, 'trackingServerArn', trackingServerArn, arnRule('mlflow-tracking-server'));
    return imported(scope, id, trackingServerArn, TRACKING_SERVER_ACTIONS, options);
  }

  /** @attribute */
  public readonly trackingUri: string;

  /** The bucket of the artifacts. */
  public readonly artifactBucket: s3.IBucket;

  /** The role that SageMaker assumes for the app or the server. */
  public readonly role: iam.IRole;

  /** @internal */
  protected readonly _artifacts: Artifacts;
  /** @internal */
  protected readonly _actions: readonly string[];

  public constructor(scope: Construct, id: string, props: ExperimentTrackingProps = {}) {
    super(scope, id);
    const { _server: server } = props.kind ?? ExperimentTrackingKind.mlflowApp();
    const name = props.trackingName ?? generatedName(scope, id);
    validateText(this, 'trackingName', name, NAME);
    claimName(this, server === undefined ? 'SageMaker MLflow app' : 'SageMaker MLflow tracking server', name);
    validateText(this, 'artifactPrefix', props.artifactPrefix, PREFIX);
    validateText(this, 'weeklyMaintenanceWindowStart', props.weeklyMaintenanceWindowStart, WINDOW);
    const prefix = props.artifactPrefix ?? DEFAULT_PREFIX;
    this.artifactBucket = givenOrMadeBucket(this, 'Artifacts', { artifactBucket: props.artifactBucket }, props);
    this._artifacts = { bucket: this.artifactBucket, prefix };
    this.role = props.role ?? defaultJobRole(this, 'SageMaker keeps the artifacts of MLflow with it');
    validateTrust(this, 'role', this.role, ['sagemaker.amazonaws.com']);
    const grants = [grantFindArtifacts(this.role, this.artifactBucket), grantArtifacts(this.role, this.artifactBucket, prefix)];
    if (props.automaticModelRegistration === true) {
      grants.push(this.grantRegistration());
    }
    const common = {
      roleArn: this.role.roleArn,
      artifactStoreUri: this.artifactBucket.s3UrlForObject(prefix),
      weeklyMaintenanceWindowStart: props.weeklyMaintenanceWindowStart,
    };
    if (server === undefined) {
      const resource = new MlflowAppResource(this, 'Resource', {
        ...common, name, modelRegistrationMode: registrationMode(props.automaticModelRegistration),
      });
      applyBefore(grants, resource);
      this.trackingUri = resource.attrArn;
      this._actions = MLFLOW_APP_ACTIONS;
    } else {
      const resource = new sagemaker.CfnMlflowTrackingServer(this, 'Resource', {
        ...common, trackingServerName: name, trackingServerSize: server.size ?? TrackingServerSize.SMALL,
        mlflowVersion: server.mlflowVersion, automaticModelRegistration: props.automaticModelRegistration,
      });
      applyBefore(grants, resource);
      this.trackingUri = resource.attrTrackingServerArn;
      this._actions = TRACKING_SERVER_ACTIONS;
    }
  }

  private grantRegistration(): iam.Grant {
    const arn = (resource: string): string => Stack.of(this).formatArn({ service: 'sagemaker', resource, resourceName: '*' });
    const [groups, packages] = [arn('model-package-group'), arn('model-package')];
    acknowledgeWildcards(this.role, 'the model package groups are named by the models that are registered in MLflow', groups, packages);
    return iam.Grant.addToPrincipal({ grantee: this.role, actions: [...REGISTRATION_ACTIONS.group], resourceArns: [groups] }).combine(
      iam.Grant.addToPrincipal({ grantee: this.role, actions: [...REGISTRATION_ACTIONS.package], resourceArns: [packages] }),
    );
  }
}

function arnRule(kind: string): TextRule {
  return {
    max: 2048, pattern: new RegExp(`^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\\d{12}:${kind}/[a-zA-Z0-9](-*[a-zA-Z0-9])*$`),
    wanted: `an ARN like 'arn:aws:sagemaker:<region>:<account>:${kind}/<name>'`,
  };
}

function applyBefore(grants: readonly iam.Grant[], resource: CfnResource): void {
  for (const grant of grants) {
    grant.applyBefore(resource);
  }
}

function registrationMode(isAutomatic: boolean | undefined): MlflowAppResourceProps['modelRegistrationMode'] {
  if (isAutomatic === undefined) {
    return undefined;
  }
  return isAutomatic ? 'AutoModelRegistrationEnabled' : 'AutoModelRegistrationDisabled';
}

function imported(
  scope: Construct, id: string, arn: string, rights: readonly string[], { artifactBucket, artifactPrefix }: ExperimentTrackingImportOptions,
): IExperimentTracking {
  validateText(scope, 'artifactPrefix', artifactPrefix, PREFIX);
  class Import extends ExperimentTrackingBase {
    public readonly trackingUri = arn;
    protected readonly _artifacts = artifactBucket === undefined ? undefined : { bucket: artifactBucket, prefix: artifactPrefix };
    protected readonly _actions = rights;
  }
  return new Import(scope, id, { environmentFromArn: arn });
}
