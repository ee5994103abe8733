import {
  App, aws_codecommit as codecommit, aws_ec2 as ec2, aws_iot as iot, aws_s3 as s3, aws_sagemaker as sagemaker, aws_ssm as ssm, Fn,
  RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { buildSampleApp } from '../../../bin/sample-app';
import { BRIDGE_FUNCTION_ARN, bridgeTemplate } from '../../../local/bridge/template';
import { REFERENCES_KEY } from '../../../local/bridge/references';
import { BRIDGED_TYPES, bridgedTypeName } from '../../../local/bridge/types';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}
interface Template { readonly Resources: Readonly<Record<string, Resource>> }

const makers: Record<string, (app: App) => Stack> = {
  'the sample, delivery=edge-manager': (app) => {
    app.node.setContext('delivery', 'edge-manager');
    return buildSampleApp(app);
  },
  'the sample, delivery=direct': (app) => {
    app.node.setContext('delivery', 'direct');
    return buildSampleApp(app);
  },
  'the sample, delivery=greengrass': (app) => {
    app.node.setContext('delivery', 'greengrass');
    return buildSampleApp(app);
  },
  'every bridged type by L1s': everyType,
};

function everyType(app: App): Stack {
  const stack = new Stack(app, 'Every');
  new s3.Bucket(stack, 'Bucket', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
  const alias = new iot.CfnRoleAlias(stack, 'Alias', { roleArn: 'arn' });
  new sagemaker.CfnDeviceFleet(stack, 'Fleet', {
    deviceFleetName: 'fleet',
    roleArn: alias.attrRoleAliasArn,
    outputConfig: { s3OutputLocation: 's3://b' },
  });
  new sagemaker.CfnDevice(stack, 'Device', { deviceFleetName: 'fleet' });
  new ec2.CfnInstance(stack, 'Instance', { imageId: 'ami-1' });
  new ssm.CfnDocument(stack, 'Document', { content: {} });
  new codecommit.CfnRepository(stack, 'Repository', { repositoryName: 'data' });
  return stack;
}

function synth(make: (app: App) => Stack, local: boolean): Template {
  const app = new App();
  const { artifactId } = make(app);
  const template = app.synth().getStackArtifact(artifactId).template as Record<string, unknown>;
  const result: unknown = local ? bridgeTemplate(template) : template;
  return result as Template;
}

/** The template without what the bridge is allowed to change. */
function withoutBridge({ Resources, ...rest }: Template, plain: Template): object {
  const back = Object.entries(Resources).map(([id, changed]) => {
    const resource = withoutReferences(changed);
    const original = plain.Resources[id];
    if (!isBridged(resource) || !original) {
      return [id, resource] as const;
    }
    const { ServiceToken: _token, ServiceTimeout: _timeout, ...Properties } = resource.Properties ?? {};
    expect([_token, typeof _timeout]).toEqual([BRIDGE_FUNCTION_ARN, 'number']);
    const { ServiceToken: token } = original.Properties ?? {};
    return [
      id,
      { ...resource, Type: original.Type, Properties: { ...Properties, ...(token === undefined ? {} : { ServiceToken: token }) } },
    ] as const;
  });
  return { ...rest, Resources: Object.fromEntries(back) };
}

function withoutReferences({ Metadata, ...rest }: Resource): Resource {
  const others = Object.fromEntries(Object.entries(Metadata ?? {}).filter(([key]) => key !== REFERENCES_KEY));
  return Object.keys(others).length === 0 ? rest : { ...rest, Metadata: others };
}

function isBridged({ Properties }: Resource): boolean {
  return Properties?.ServiceToken === BRIDGE_FUNCTION_ARN;
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  test('differs from the plain template in Type, ServiceToken, ServiceTimeout and the metadata of references alone', () => {
    const plain = synth(make, false);
    expect(withoutBridge(synth(make, true), plain)).toEqual(plain);
  });

  test('holds no type that the emulator lacks', () => {
    const { Resources } = synth(make, true);
    expect(
      Object.values(Resources).map(({ Type }) => Type).filter(
        (type) => /^AWS::(SageMaker|GreengrassV2|IoT::RoleAlias|EC2::Instance$|SSM::Document|CodeCommit)/.test(type),
      ),
    ).toEqual([]);
  });
});

test('a resource says in its metadata which attributes of others it uses, since the emulator does not see a change of those', () => {
  const { Resources } = synth((app) => {
    const stack = new Stack(app, 'Stack');
    const [one, other] = ['One', 'Other'].map((id) => new s3.CfnBucket(stack, id));
    new iot.CfnRoleAlias(stack, 'Alias', { roleArn: Fn.join('/', [one?.attrArn ?? '', other?.attrDomainName ?? '']) });
    return stack;
  }, true);
  expect(Resources.Alias?.Metadata?.[REFERENCES_KEY]).toEqual(['One.Arn', 'Other.DomainName']);
  expect(Resources.One?.Metadata ?? {}).not.toHaveProperty(REFERENCES_KEY);
});

test('every bridged type is bridged, under a name that CloudFormation takes', () => {
  const types = Object.values(synth(everyType, true).Resources).filter(isBridged).map(({ Type }) => Type);
  expect(types.sort()).toEqual(BRIDGED_TYPES.map(bridgedTypeName).filter((type) => types.includes(type)).sort());
  expect(new Set(types)).toEqual(
    new Set([
      'Custom::AWS-IoT-RoleAlias', 'Custom::AWS-SageMaker-Device', 'Custom::AWS-SageMaker-DeviceFleet',
      'Custom::AWS-EC2-Instance', 'Custom::AWS-SSM-Document', 'Custom::AWS-CodeCommit-Repository', 'Custom::S3AutoDeleteObjects',
    ]),
  );
  for (const type of types) {
    expect(type).toMatch(/^Custom::[\w@-]{1,60}$/);
  }
});
