import type { App, CfnElement } from 'aws-cdk-lib';
import { CfnResource, Stack } from 'aws-cdk-lib';

/** An action that a role's policy allows, on one of the statement's resources, as IAM would have it. */
export interface Allowed {
  readonly action: string;
  readonly resource: string;
  /** The construct path of the policy. */
  readonly path: string;
}

const PLACE = 'us-east-1:000000000000';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000', 'AWS::Partition': 'aws', 'AWS::Region': 'us-east-1', 'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'stack', 'AWS::StackId': `arn:aws:cloudformation:${PLACE}:stack/stack/id`,
};
/** The ARNs of resources, as CloudFormation gives them. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::CodeCommit::Repository': `arn:aws:codecommit:${PLACE}:name`,
  'AWS::DynamoDB::Table': `arn:aws:dynamodb:${PLACE}:table/name`,
  'AWS::CloudWatch::Alarm': `arn:aws:cloudwatch:${PLACE}:alarm:name`,
  'AWS::CodeBuild::Project': `arn:aws:codebuild:${PLACE}:project/name`,
  'AWS::ECR::Repository': `arn:aws:ecr:${PLACE}:repository/name`,
  'AWS::ECS::Cluster': `arn:aws:ecs:${PLACE}:cluster/name`,
  'AWS::ECS::TaskDefinition': `arn:aws:ecs:${PLACE}:task-definition/name:1`,
  'AWS::IAM::Role': 'arn:aws:iam::000000000000:role/name',
  'AWS::IoT::RoleAlias': `arn:aws:iot:${PLACE}:rolealias/name`,
  'AWS::IoT::Thing': `arn:aws:iot:${PLACE}:thing/name`,
  'AWS::IoT::ThingGroup': `arn:aws:iot:${PLACE}:thinggroup/name`,
  'AWS::KMS::Key': `arn:aws:kms:${PLACE}:key/id`,
  'AWS::Lambda::Function': `arn:aws:lambda:${PLACE}:function:name`,
  'AWS::Logs::LogGroup': `arn:aws:logs:${PLACE}:log-group:name:*`,
  'AWS::S3::Bucket': 'arn:aws:s3:::name',
  'AWS::SageMaker::MlflowApp': `arn:aws:sagemaker:${PLACE}:mlflow-app/app-id`,
  'AWS::SageMaker::MlflowTrackingServer': `arn:aws:sagemaker:${PLACE}:mlflow-tracking-server/name`,
  'AWS::SQS::Queue': `arn:aws:sqs:${PLACE}:name`,
  'AWS::SageMaker::Endpoint': `arn:aws:sagemaker:${PLACE}:endpoint/name`,
  'AWS::SecretsManager::Secret': `arn:aws:secretsmanager:${PLACE}:secret:name-abcdef`,
  'AWS::StepFunctions::StateMachine': `arn:aws:states:${PLACE}:stateMachine:name`,
};
/** Resources whose `Ref` is their ARN. */
const REF_IS_ARN = ['AWS::ECS::TaskDefinition', 'AWS::SecretsManager::Secret', 'AWS::StepFunctions::StateMachine'];
/** IAM fills it in when it decides. */
const POLICY_VARIABLE = /\$\{[^}]+\}/g;

type Json = Readonly<Record<string, unknown>>;

/** All that the policies of an app's roles allow. */
export function allowed(app: App): Allowed[] {
  return app.node.findAll().filter((node) => CfnResource.isCfnResource(node)).flatMap((resource) => {
    const template = record(Stack.of(resource).resolve(resource._toCloudFormation()));
    const [definition] = Object.values(record(template.Resources));
    const properties = record(record(definition).Properties);
    const resolver = new Resolver(Stack.of(resource));
    return documents(resource.cfnResourceType, properties)
      .flatMap((document) => list(document.Statement).map(record))
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action, Resource }) => list(Action).map(String).flatMap((action) => list(Resource).map((arn) => (
        { action, resource: resolver.text(arn), path: resource.node.path }
      ))));
  });
}

function documents(type: string, properties: Json): Json[] {
  if (type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy') {
    return [record(properties.PolicyDocument)];
  }
  if (type === 'AWS::IAM::Role') {
    return list(properties.Policies ?? []).map((policy) => record(record(policy).PolicyDocument));
  }
  return [];
}

/** Gives a resolved value the text that it has once it is deployed, as far as that is known; `*` stands for the rest. */
class Resolver {
  private readonly types: ReadonlyMap<string, string>;

  public constructor(stack: Stack) {
    const resources = stack.node.root.node.findAll().filter((node) => CfnResource.isCfnResource(node));
    this.types = new Map(resources.map((resource) => [this.idOf(resource), resource.cfnResourceType]));
  }

  public text(value: unknown): string {
    if (typeof value === 'string') {
      return value.replace(POLICY_VARIABLE, '*');
    }
    const [[name, argument] = ['', undefined]] = Object.entries(record(value));
    if (name === 'Ref') {
      return PSEUDO[String(argument)] ?? this.reference(String(argument));
    }
    if (name === 'Fn::GetAtt') {
      return this.attribute(list(argument).map(String));
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = list(argument);
      return list(parts).map((part) => this.text(part)).join(String(separator));
    }
    if (name === 'Fn::ImportValue') {
      return this.imported(this.text(argument));
    }
    if (name === 'Fn::FindInMap' || name === 'Fn::Select' || name === 'Fn::Split' || name === 'Fn::Sub') {
      return '*';
    }
    throw new Error(`a resource of a policy is of a form that this test does not know: ${JSON.stringify(value)}`);
  }

  private idOf(resource: CfnElement): string {
    return String(resource.stack.resolve(resource.logicalId));
  }

  private reference(id: string): string {
    const type = this.types.get(id) ?? '';
    return REF_IS_ARN.includes(type) ? this.arn(type) : '*';
  }

  private attribute([id = '', name = '']: readonly string[]): string {
    const type = this.types.get(id) ?? '';
    return name.endsWith('Arn') && type.startsWith('AWS::') ? this.arn(type) : '*';
  }

  /** The name of an export ends with what it exports: `…FnGetAtt<id>Arn…` or `…Ref<id>…`. */
  private imported(name: string): string {
    const found = [...this.types].find(([id]) => name.includes(`GetAtt${id}Arn`));
    return found ? this.arn(found[1]) : '*';
  }

  private arn(type: string): string {
    const arn = ARNS[type];
    if (arn === undefined) {
      throw new Error(`this test does not know the ARN of a resource of type '${type}'`);
    }
    return arn;
  }
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.map((item: unknown) => item) : [value];
}
