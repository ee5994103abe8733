import type { ServiceId, Shape } from './model';

/** A rule that the service's own model does not have, and where it comes from. */
interface Stricter {
  readonly rule: Partial<Pick<Shape, 'min' | 'max' | 'pattern' | 'oneOf'>>;
  readonly because: string;
}

/**
 * Where the stand-ins are stricter than AWS's published models, by shape. One rule more holds for every service: a member
 * that the model does not know is refused (see validator.ts), since AWS ignores it, and so hides a mistake of ours.
 */
export const OVERLAY: Readonly<Record<ServiceId, Readonly<Record<string, Stricter>>>> = {
  'SageMaker': {
    CreateCompilationJobRequest: {
      rule: { oneOf: [['InputConfig', 'ModelPackageVersionArn']] },
      because: 'API reference: "You must provide either a ModelPackageVersionArn or an InputConfig object in your request, but not both."',
    },
    OutputConfig: {
      rule: { oneOf: [['TargetDevice', 'TargetPlatform']] },
      because: 'API reference: TargetPlatform "can be used instead of TargetDevice"; the service refuses both, and neither.',
    },
    ListMaxResults: { rule: { min: 1 }, because: 'MaxResults of every other list has it; a page of nothing would never end.' },
  },
  'Sagemaker Edge': {},
  'SageMaker Runtime': {},
  'Application Auto Scaling': {},
  'CodeBuild': {},
  'CodeCommit': {
    RepositoryName: {
      rule: { pattern: String.raw`(?!.*\.git$)[\w.-]+` },
      because: 'API reference of CreateRepository: "The suffix .git is prohibited."',
    },
  },
  'ECS': {},
  'GreengrassV2': {
    TargetARN: {
      rule: { pattern: String.raw`arn:[^:]*:iot:[^:]*:\d{12}:(thing|thinggroup)/[^\s:]+` },
      because: 'An account has twelve digits, and a thing\'s name no space.',
    },
    IoTJobRateIncreaseCriteria: {
      rule: { oneOf: [['numberOfNotifiedThings', 'numberOfSucceededThings']] },
      because: 'The schema of AWS::GreengrassV2::Deployment says oneOf.',
    },
    IoTJobInProgressTimeoutInMinutes: {
      rule: { min: 1, max: 10_080 },
      because: 'IoT jobs: "The timeout interval can be anywhere between 1 minute and 7 days (1 to 10080 minutes)."',
    },
    OptionalInteger: {
      rule: { min: 1 },
      because: 'A policy\'s timeout of no time. The shape\'s other users belong to Lambda functions, which the stand-in refuses.',
    },
  },
  'IoT': {
    RoleArn: {
      rule: { pattern: String.raw`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+` },
      because: 'Used for role aliases alone, whose roles are assumed: another kind of ARN cannot work.',
    },
  },
};
