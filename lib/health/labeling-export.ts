import {
  aws_events as events, aws_events_targets as targets, aws_iam as iam, Duration, Size, Stack, Token, type aws_lambda as lambda,
  type aws_s3 as s3,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { grantKeyUse } from '../private/key-use';
import { acknowledgeGranted, acknowledgeWildcards } from '../private/nag/acknowledge';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import { CaptureSelection } from './capture-selection';
import { ImageTensor } from './image-tensor';
import type { LabelingExportProps } from './labeling-export-props';
import { HealthFunction } from './private/health-function';
import { LABEL_SETTINGS, LABELS_READY, LABELS_SECONDS, LABELS_SOURCE, type LabelSettings } from './private/labels-contract';
import { allow } from './private/statements';

const DEFAULT_PREFIX = 'labels';
const MOST_MODELS = 20;
const MOST_PER_RUN = 10_000;
const MOST_LATE_DAYS = 90;
/** A tensor of 32 MiB as numbers, and its picture. */
const MEMORY = Size.gibibytes(1);

/**
 * Exports captures for labelling: a picture for each tensor that has the shape of one, a manifest as SageMaker Ground Truth reads it, and
 * an event of EventBridge that says where it is.
 *
 * A capture is exported once. One that comes late, or that one run has no time for, is exported by a later run.
 */
export class LabelingExport extends Construct {
  /** The name of the fleet. */
  public readonly fleetName: string;

  /** The names of the models. */
  public readonly modelNames: string[];

  /** The bucket of manifests and pictures. */
  public readonly outputBucket: s3.IBucket;

  /** The prefix of the manifests and pictures of this fleet, without a slash at its end. Below it is a folder for each model. */
  public readonly labelPrefix: string;

  /** The function that exports. It may be invoked by hand. While it runs, it refuses to run again. */
  public readonly exporter: lambda.IFunction;

  public constructor(scope: Construct, id: string, props: LabelingExportProps) {
    super(scope, id);
    const { captureBucket, outputPrefix = DEFAULT_PREFIX, maxPerRun = 1000, lateArrival = Duration.days(7) } = props;
    this.fleetName = props.fleetName;
    this.modelNames = props.modelNames;
    this.outputBucket = props.outputBucket ?? captureBucket.bucket;
    this.labelPrefix = `${outputPrefix}/${this.fleetName}`;
    this.validate(props, outputPrefix, maxPerRun, lateArrival);
    const settings: LabelSettings = {
      fleetName: this.fleetName,
      modelNames: this.modelNames,
      captureBucket: captureBucket.bucket.bucketName,
      capturePrefix: captureBucket.capturePrefix,
      outputBucket: this.outputBucket.bucketName,
      outputPrefix,
      lateDays: lateArrival.toDays(),
      maxPerRun,
      selection: (props.selection ?? CaptureSelection.withReason())._selection,
      image: (props.image ?? ImageTensor.guessed())._image,
    };
    const { function: exporter, rights } = new HealthFunction(this, 'Exporter', {
      handler: 'labels', description: 'exports captures for labelling', settings, variable: LABEL_SETTINGS,
      timeout: Duration.seconds(LABELS_SECONDS), memorySize: MEMORY.toMebibytes(), statements: this.statements(props),
    });
    this.exporter = exporter;
    const captures = this.captureArns(props);
    acknowledgeWildcards(rights, 'reads the captures of these models, of all devices', ...captures);
    acknowledgeWildcards(rights, 'manifests and pictures are named by time, device and capture', this.labelArn);
    if (props.outputBucket) {
      grantKeyUse(rights, captureBucket.bucket, 'read');
    }
    grantKeyUse(rights, this.outputBucket, 'write');
    new events.Rule(this, 'Schedule', {
      schedule: props.schedule ?? events.Schedule.cron({ hour: '0', minute: '15' }),
      description: `cdk-sagemaker-edge: exports captures of fleet ${this.fleetName} for labelling`,
      targets: [new targets.LambdaFunction(exporter)],
    });
  }

  /** Grant list and read access to the manifests and pictures of this fleet. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const get = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [this.labelArn] });
    acknowledgeGranted(grantee, 'reads the manifests and pictures of one fleet', this.labelArn);
    const list = iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [this.outputBucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${this.labelPrefix}/*` } },
    });
    const key = grantKeyUse(grantee, this.outputBucket, 'read');
    return key ? get.combine(list).combine(key) : get.combine(list);
  }

  /**
   * Returns a rule for the event that a manifest is ready: `Labels Ready` of the source `cdk-sagemaker-edge` on the default event bus. Its
   * detail has `fleetName`, `modelName`, `manifest` (the `s3://` URI), `count` (lines of the manifest), `captures`, and `skipped`: what
   * could not be exported, by problem. It may come twice for a manifest.
   */
  public onLabelsReady(id: string, options: events.OnEventOptions = {}): events.Rule {
    const { target, ...rule } = options;
    return new events.Rule(this, id, {
      ruleName: rule.ruleName,
      description: rule.description,
      crossStackScope: rule.crossStackScope,
      targets: target && [target],
      eventPattern: {
        ...rule.eventPattern,
        source: [LABELS_SOURCE],
        detailType: [LABELS_READY],
        account: [Stack.of(this).account],
        detail: { ...rule.eventPattern?.detail, fleetName: [this.fleetName], modelName: this.modelNames },
      },
    });
  }

  private get labelArn(): string {
    return this.outputBucket.arnForObjects(`${this.labelPrefix}/*`);
  }

  /** A device may have any name. */
  private captureArns({ captureBucket: { bucket, capturePrefix }, modelNames }: LabelingExportProps): string[] {
    return modelNames.map((model) => bucket.arnForObjects(`${capturePrefix}/*/${this.fleetName}/${model}/*`));
  }

  private statements(props: LabelingExportProps): iam.PolicyStatement[] {
    const { captureBucket: { bucket, capturePrefix }, modelNames } = props;
    const bus = Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    const list = (listed: s3.IBucket, ...prefixes: string[]): iam.PolicyStatement => new iam.PolicyStatement({
      actions: ['s3:ListBucket'], resources: [listed.bucketArn], conditions: { StringLike: { 's3:prefix': prefixes } },
    });
    return [
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: this.captureArns(props) }),
      // The first for the names of the devices.
      list(bucket, `${capturePrefix}/`, ...modelNames.map((model) => `${capturePrefix}/*/${this.fleetName}/${model}/`)),
      new iam.PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [this.labelArn] }),
      list(this.outputBucket, `${this.labelPrefix}/*`),
      allow(['events:PutEvents'], bus),
    ];
  }

  private validate({ captureBucket }: LabelingExportProps, outputPrefix: string, maxPerRun: number, lateArrival: Duration): void {
    validateText(this, 'fleetName', this.fleetName, ENTITY_NAME);
    if (this.modelNames.length === 0 || this.modelNames.length > MOST_MODELS) {
      throw new ValidationError(this, `modelNames must have 1 to ${MOST_MODELS} names, got ${this.modelNames.length}`);
    }
    this.modelNames.forEach((name) => {
      validateText(this, 'a name of modelNames', name, ENTITY_NAME);
    });
    const twice = this.modelNames.find((name, index) => !Token.isUnresolved(name) && this.modelNames.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new ValidationError(this, `modelNames must be different, got '${twice}' twice`);
    }
    validateInteger(this, 'maxPerRun', maxPerRun, 1, MOST_PER_RUN);
    validateInteger(this, 'lateArrival in days', lateArrival.toDays({ integral: false }), 1, MOST_LATE_DAYS);
    validateText(this, 'outputPrefix', outputPrefix, {
      min: 1, max: 256, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
      wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
    });
    const captures = `${captureBucket.capturePrefix}/`;
    const labels = `${this.labelPrefix}/`;
    if (this.outputBucket.bucketName === captureBucket.bucket.bucketName && (labels.startsWith(captures) || captures.startsWith(labels))) {
      throw new ValidationError(this, `outputPrefix must be outside of the prefix of the captures in the same bucket, '${captureBucket.capturePrefix}', `
        + `got '${outputPrefix}'`);
    }
  }
}
