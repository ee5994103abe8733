import { App, aws_events_targets as targets, aws_iam as iam, aws_kms as kms, aws_s3 as s3, aws_sqs as sqs, Duration, Stack, aws_events as events } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket, CaptureReason, CaptureSelection, ImageTensor, LabelingExport, type LabelingExportProps } from '../../../lib';
import { parseLabelSettings } from '../../../lambda/health/labels/settings';

interface Fixture {
  readonly stack: Stack;
  readonly labels: LabelingExport;
  readonly template: () => Template;
}

function fixture(props: Partial<LabelingExportProps> | ((stack: Stack) => Partial<LabelingExportProps>) = {}): Fixture {
  const stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
  const captureBucket = CaptureBucket.fromBucketName(stack, 'Captures', 'field');
  const more = typeof props === 'function' ? props(stack) : props;
  const labels = new LabelingExport(stack, 'Labels', { captureBucket, fleetName: 'shop', modelNames: ['reader'], ...more });
  return { stack, labels, template: () => Template.fromStack(stack) };
}

interface Rendered {
  readonly Properties: { readonly Environment: { readonly Variables: Record<string, string> } };
}

interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: unknown[] } };
}

function settingsOf(template: Template): ReturnType<typeof parseLabelSettings> {
  const [found] = Object.values(template.findResources('AWS::Lambda::Function')) as Rendered[];
  return parseLabelSettings(found?.Properties.Environment.Variables.LABEL_SETTINGS);
}

/** The statements of the function's own policy. */
function statementsOf(template: Template, id = 'LabelsExporterRights'): unknown[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([name]) => name.startsWith(id));
  return policies.flatMap(([, policy]) => (policy as Policy).Properties.PolicyDocument.Statement);
}

const arn = (text: string): object => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, text]] });

test('the function is told what is the default', () => {
  expect(settingsOf(fixture().template())).toEqual({
    fleetName: 'shop', modelNames: ['reader'], captureBucket: 'field', capturePrefix: 'captures', outputBucket: 'field', outputPrefix: 'labels',
    lateDays: 7, maxPerRun: 1000, selection: { reasons: [], share: 0 }, image: {},
  });
});

test('the function is told what is given', () => {
  const { template } = fixture((stack) => ({
    modelNames: ['reader', 'finder'], outputBucket: s3.Bucket.fromBucketName(stack, 'Out', 'out'), outputPrefix: 'a/b', maxPerRun: 5,
    lateArrival: Duration.days(30), selection: CaptureSelection.withReason(CaptureReason.UNSURE, CaptureReason.DRIFTED).orSample(5),
    image: ImageTensor.nhwc({ mean: [0.5], std: [0.25, 0.5, 0.75] }),
  }));
  expect(settingsOf(template())).toMatchObject({
    modelNames: ['reader', 'finder'], outputBucket: 'out', outputPrefix: 'a/b', maxPerRun: 5, lateDays: 30,
    selection: { reasons: ['drifted', 'unsure'], share: 0.05 }, image: { isPlanar: false, mean: [0.5], std: [0.25, 0.5, 0.75] },
  });
});

test.each([
  ['all', CaptureSelection.all(), { share: 1 }], ['a sample', CaptureSelection.sample(10), { share: 0.1 }],
  ['all beside a sample', CaptureSelection.all().orSample(10), { share: 1 }],
])('a selection is told to the function: %s', (_, selection, told) => {
  expect(settingsOf(fixture({ selection }).template()).selection).toEqual(told);
});

test('channels come first where that is said', () => {
  expect(settingsOf(fixture({ image: ImageTensor.nchw() }).template()).image).toEqual({ isPlanar: true });
});

test('the function may read the captures of the models, and write labels of the fleet, and tell the default bus', () => {
  expect(statementsOf(fixture().template())).toEqual([
    { Action: 's3:GetObject', Effect: 'Allow', Resource: arn(':s3:::field/captures/*/shop/reader/*') },
    {
      Action: 's3:ListBucket', Effect: 'Allow', Resource: arn(':s3:::field'),
      Condition: { StringLike: { 's3:prefix': ['captures/', 'captures/*/shop/reader/'] } },
    },
    { Action: ['s3:GetObject', 's3:PutObject'], Effect: 'Allow', Resource: arn(':s3:::field/labels/shop/*') },
    { Action: 's3:ListBucket', Effect: 'Allow', Resource: arn(':s3:::field'), Condition: { StringLike: { 's3:prefix': ['labels/shop/*'] } } },
    { Action: 'events:PutEvents', Effect: 'Allow', Resource: arn(':events:eu-west-1:111122223333:event-bus/default') },
  ]);
});

test('the function may use the key of the bucket that it reads and writes', () => {
  const { template } = fixture((stack) => ({
    captureBucket: new CaptureBucket(stack, 'Own', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1') }),
  }));
  expect(statementsOf(template())).toContainEqual({
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1',
  });
});

test('the function may only read with the key of the captures, where it writes elsewhere', () => {
  const { template } = fixture((stack) => ({
    captureBucket: new CaptureBucket(stack, 'Own', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1') }),
    outputBucket: s3.Bucket.fromBucketName(stack, 'Out', 'out'),
  }));
  expect(statementsOf(template())).toContainEqual({ Action: 'kms:Decrypt', Effect: 'Allow', Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1' });
});

test('the function runs each day', () => {
  fixture().template().hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'cron(15 0 * * ? *)', Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LabelsExporterFunction'), 'Arn'] } }],
  });
});

test('the function runs by the schedule that is given', () => {
  fixture({ schedule: events.Schedule.rate(Duration.hours(6)) }).template().hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(6 hours)' });
});

test('a rule for the event names fleet and models, and has the target', () => {
  const { stack, labels, template } = fixture();
  labels.onLabelsReady('Ready', { target: new targets.SqsQueue(new sqs.Queue(stack, 'Queue')), ruleName: 'ready' });
  template().hasResourceProperties('AWS::Events::Rule', {
    Name: 'ready',
    EventPattern: {
      source: ['cdk-sagemaker-edge'], 'detail-type': ['Labels Ready'], account: ['111122223333'], detail: { fleetName: ['shop'], modelName: ['reader'] },
    },
    Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Queue'), 'Arn'] } }],
  });
});

test('a rule for the event may ask for more', () => {
  const { labels, template } = fixture();
  labels.onLabelsReady('Ready', { eventPattern: { detail: { count: [{ numeric: ['>', 10] }] } } });
  template().hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail: { count: [{ numeric: ['>', 10] }], fleetName: ['shop'] } } });
});

test('who is granted it may read the labels of the fleet, and nothing else', () => {
  const { stack, labels, template } = fixture();
  labels.grantRead(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
  expect(statementsOf(template(), 'ReaderDefaultPolicy')).toEqual([
    { Action: 's3:GetObject', Effect: 'Allow', Resource: arn(':s3:::field/labels/shop/*') },
    { Action: 's3:ListBucket', Effect: 'Allow', Resource: arn(':s3:::field'), Condition: { StringLike: { 's3:prefix': 'labels/shop/*' } } },
  ]);
});

test('labels may lie in another bucket under the prefix of the captures', () => {
  expect(() => fixture((stack) => ({ outputBucket: s3.Bucket.fromBucketName(stack, 'Out', 'out'), outputPrefix: 'captures' }))).not.toThrow();
});

describe('fails when', () => {
  test.each<[string, () => unknown, string]>([
    ['the fleet\'s name is none', () => fixture({ fleetName: 'a b' }), 'Demo/Labels: fleetName must be letters'],
    ['there is no model', () => fixture({ modelNames: [] }), 'Demo/Labels: modelNames must have 1 to 20 names, got 0'],
    ['a model\'s name is none', () => fixture({ modelNames: ['a/b'] }), "a name of modelNames must be letters, digits and hyphens, with neither end a hyphen, got 'a/b'"],
    ['a model is there twice', () => fixture({ modelNames: ['a', 'a'] }), "modelNames must be different, got 'a' twice"],
    ['a run exports none', () => fixture({ maxPerRun: 0 }), 'maxPerRun must be a whole number from 1 to 10000, got 0'],
    ['captures may come after half a day', () => fixture({ lateArrival: Duration.hours(12) }), 'lateArrival in days must be a whole number from 1 to 90, got 0.5'],
    ['the prefix ends with a slash', () => fixture({ outputPrefix: 'labels/' }), "outputPrefix must be path segments of letters, digits and ! _ . ' ( ) -"],
    ['labels lie among the captures', () => fixture({ outputPrefix: 'captures' }), "outputPrefix must be outside of the prefix of the captures in the same bucket, 'captures', got 'captures'"],
    ['a sample is none', () => CaptureSelection.sample(0), 'percent of a CaptureSelection must be above 0 and at most 100, got 0'],
    ['a sample is more than all', () => CaptureSelection.all().orSample(101), 'percent of a CaptureSelection must be above 0 and at most 100, got 101'],
    ['a mean is for two channels', () => ImageTensor.nchw({ mean: [1, 2] }), 'mean of an ImageTensor must have one number, or one for each of 3 channels, got 1, 2'],
    ['a mean is no number', () => ImageTensor.guessed({ mean: [NaN] }), 'mean of an ImageTensor must have one number, or one for each of 3 channels, got NaN'],
    ['std has none', () => ImageTensor.nhwc({ std: [] }), 'std of an ImageTensor must have one number, or one for each of 3 channels, got none'],
    ['std is 0', () => ImageTensor.nhwc({ std: [0] }), 'std of an ImageTensor must have numbers other than 0, got 0'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
