import { aws_ec2 as ec2, Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { ExperimentRegistration } from '../../../lib';
import { valueAt } from '../../../lib/private/objects';
import { definition, REGISTRATION, stackWith } from './pipeline-stack';

const registered = (more: Partial<ExperimentRegistration> = {}) => stackWith({ registration: { ...REGISTRATION, ...more } });
const state = (name: string, more: Partial<ExperimentRegistration> = {}): unknown => valueAt(definition(registered(more).stack), `/States/${name}`);
const policies = (role: string): string => JSON.stringify(
  Object.entries(Template.fromStack(registered().stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(role)),
);

describe('a registration', () => {
  test('comes after the winner was published, whose version it gets', () => {
    expect(state('Deliver the winner')).toMatchObject({
      Assign: { objectVersion: '{% $states.result.VersionId %}' }, Next: 'Look for the registration',
    });
    expect(state('Register')).toMatchObject({ Arguments: { Environment: { EXPERIMENT_OBJECT_VERSION: '{% $objectVersion %}' } } });
  });

  test('gets the model of the winner, its training job, commit and branch, and where MLflow is', () => {
    expect(state('Register')).toMatchObject({
      Resource: 'arn:<Ref AWS Partition>:states:::sagemaker:createProcessingJob.sync',
      Arguments: {
        ProcessingInputs: [{ InputName: 'code' }, { InputName: 'model', S3Input: { S3Uri: '{% $winner.model %}' } }],
        Environment: {
          EXPERIMENT_STAGE: 'register', EXPERIMENT_SCRIPT: 'register.py', EXPERIMENT_TRIAL: '{% $winner.name %}',
          EXPERIMENT_TRAINING_JOB: '{% $winner.trainingJob %}', EXPERIMENT_MODEL_URI: '{% $winner.model %}', DVC_BRANCH: '{% $winner.branch %}',
          DVC_COMMIT: '{% $winner.commit %}', MLFLOW_TRACKING_URI: expect.stringContaining('Tracking') as unknown,
        },
      },
    });
  });

  test('has the machine, the time and the arguments that its script asks for', () => {
    const given = state('Register', {
      instanceType: 'ml.t3.medium', maxRuntime: Duration.minutes(5), scriptArguments: { 'model-name': 'houses', 'alias': 'best' },
    });
    expect(given).toMatchObject({
      Arguments: {
        AppSpecification: { ContainerArguments: ['job', '--alias', 'best', '--model-name', 'houses'] },
        ProcessingResources: { ClusterConfig: { InstanceType: 'ml.t3.medium' } }, StoppingCondition: { MaxRuntimeInSeconds: 300 },
      },
    });
  });

  test('is no work where the same script registered the same training last, in the same MLflow', () => {
    expect(state('Look for the registration')).toMatchObject({
      Arguments: { Key: "{% 'registered/last.json' %}" }, Catch: [{ Next: 'Register' }], Next: 'Compare with the last registration',
    });
    const training = String.raw`\$registration\.folder = 'registered\/[0-9a-f]{16}-' & \$winner\.trainingJob`;
    const isSame = new RegExp(String.raw`^\{% ${training} and \$registration\.tracking = '<.*Tracking.*>'`);
    expect(state('Compare with the last registration')).toMatchObject({
      Choices: [{
        Condition: expect.stringMatching(isSame) as unknown,
        Next: 'Registered',
      }],
      Default: 'Register',
    });
  });

  test.each<[string, Partial<ExperimentRegistration>]>([
    ['an argument', { scriptArguments: { alias: 'best' } }],
    ['another script', { entryPoint: 'evaluate.py' }],
  ])('is done anew with %s', (_, more) => {
    const condition = (given?: Partial<ExperimentRegistration>): unknown => (
      valueAt(state('Compare with the last registration', given), '/Choices/0/Condition')
    );
    expect(condition(more)).not.toBe(condition());
    expect(condition()).toBe(condition());
  });

  test('says what the script says that it registered', () => {
    expect(state('Registered')).toMatchObject({ End: true, Output: expect.stringContaining("'registered': $registration.registered") as unknown });
  });

  test('is not there by default', () => {
    const { stack, pipeline } = stackWith();
    expect(pipeline.registrationRole).toBeUndefined();
    expect(valueAt(definition(stack), '/States/Deliver the winner')).toHaveProperty('End', true);
    expect(valueAt(definition(stack), '/States/Register')).toBeUndefined();
  });
});

describe('the rights of a registration', () => {
  test('are to read models and to track, and neither data nor the repository', () => {
    expect(registered().pipeline.registrationRole).toBeDefined();
    const own = policies('HousesRegistration');
    expect(own).toContain('"/trained/*/output/model.tar.gz"');
    expect(own).toContain('sagemaker:CallMlflowAppApi');
    expect(own).not.toContain('/processed/');
    expect(own).not.toContain('/dvc/');
    expect(own).not.toContain('codecommit:');
  });

  test('are to write in its own folder', () => {
    expect(policies('HousesRegistration')).toContain('"/registered/*"');
    expect(policies('HousesRegistration')).not.toContain('"/winner/');
  });

  test('of the state machine are to keep the record of the last one, and to pass its role', () => {
    Template.fromStack(registered().stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({
        Action: 'iam:PassRole',
        Resource: Match.arrayWith([Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('^HousesRegistration'), 'Arn'] })]),
      })]) },
    });
    expect(policies('HousesRole')).toContain('"/registered/last.json"');
    expect(policies('HousesRole')).toContain('"/registered/*/result.json"');
  });

  test('reach the network of the VPC that is given', () => {
    const { stack } = stackWith((inStack) => ({
      registration: REGISTRATION,
      vpc: ec2.Vpc.fromVpcAttributes(inStack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }),
    }));
    const roles = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('HousesRegistration'));
    expect(JSON.stringify(roles)).toContain('ec2:CreateNetworkInterface');
    expect(valueAt(definition(stack), '/States/Register/Arguments/NetworkConfig/VpcConfig/Subnets')).toEqual(['subnet-1']);
  });
});
