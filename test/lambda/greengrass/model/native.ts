import type { ComponentDeploymentSpecification, CreateDeploymentCommandInput } from '@aws-sdk/client-greengrassv2';
import { Fields, type Properties } from '../../cloudformation/template';
import type { SimulatedTime } from '../../cloudformation/time';
import type { FakeIot } from '../../identity/model/fake-iot';
import type { Native, nativeTypes } from '../../identity/model/native';
import type { FakeDevices } from './fake-devices';
import type { FakeGreengrass } from './fake-greengrass';
import type { FakeGroups } from './fake-groups';
import type { FakeObjects } from './fake-objects';

export interface Services {
  readonly iot: FakeIot;
  readonly greengrass: FakeGreengrass;
  readonly groups: FakeGroups;
  readonly devices: FakeDevices;
  readonly objects: FakeObjects;
}

/** Resource types of CloudFormation's own, beside those of identity and over some of them. */
export function greengrassTypes(
  time: SimulatedTime, identity: ReturnType<typeof nativeTypes>, services: Services,
): Readonly<Record<string, Native>> {
  const { greengrass, groups, devices, objects } = services;
  return {
    ...Object.fromEntries(Object.entries(identity).map(([type, native]): [string, Native] => [type, {
      ...native,
      // Until then a device can say once more that it is there.
      delete: (id, properties) => {
        devices.report();
        return native.delete(id, properties);
      },
    }])),
    'AWS::IoT::Thing': {
      create: (properties, logicalId) => created(identity['AWS::IoT::Thing'], properties, logicalId),
      delete: (id, properties) => {
        void identity['AWS::IoT::Thing']?.delete(id, properties);
        groups.forget(id);
      },
    },
    'AWS::IoT::ThingGroup': {
      create: (properties) => {
        const name = properties.get('ThingGroupName');
        groups.create(name);
        return { id: name, data: { Arn: groupArn(name) } };
      },
      delete: (id) => { groups.groups.delete(id); },
    },
    'AWS::GreengrassV2::ComponentVersion': {
      create: (properties) => {
        const arn = greengrass.createComponent(properties.get('InlineRecipe'), properties.fields('Tags').entries());
        return { id: arn, data: { Arn: arn } };
      },
      update: () => undefined, identity: ['InlineRecipe'],
      delete: (id) => {
        if (greengrass.component(id) !== undefined) {
          greengrass.deleteComponent(id);
        }
      },
    },
    'AWS::GreengrassV2::Deployment': {
      create: (properties) => {
        const id = greengrass.createDeployment(deploymentOf(properties));
        return { id, data: { DeploymentId: id } };
      },
      update: () => undefined, identity: ['TargetArn', 'DeploymentName', 'Components', 'DeploymentPolicies', 'IotJobConfiguration'],
      delete: async (id) => {
        while (greengrass.deployments.has(id)) {
          if (greengrass.deployment(id).status === 'ACTIVE') {
            greengrass.cancelDeployment(id);
          }
          if (greengrass.deployment(id).busyUntil <= time.now) {
            greengrass.deleteDeployment(id);
          }
          await time.sleep(5_000);
        }
      },
    },
    ...bucketTypes(objects),
  };
}

/** Buckets, and what empties them. */
export function bucketTypes(objects: FakeObjects): Readonly<Record<string, Native>> {
  let made = 0;
  return {
    'AWS::S3::Bucket': {
      create: (_, logicalId) => {
        const name = `demo-${logicalId}-${String(++made)}`;
        objects.create(name);
        return { id: name };
      },
      update: () => undefined, identity: [],
      delete: (id) => { objects.delete(id); },
    },
    'Custom::S3AutoDeleteObjects': {
      create: (properties) => ({ id: properties.get('BucketName') }),
      update: () => undefined, identity: [],
      delete: (id) => { objects.empty(id); },
    },
  };
}

export function groupArn(name: string): string {
  return `arn:aws:iot:eu-west-1:111122223333:thinggroup/${name}`;
}

/** What CloudFormation asks Greengrass for. */
export function deploymentOf(properties: Fields): CreateDeploymentCommandInput {
  const components = properties.fields('Components');
  const names = Object.keys(components.entries());
  return {
    targetArn: properties.get('TargetArn'), deploymentName: properties.get('DeploymentName') || undefined,
    components: Object.fromEntries(names.map((name): [string, ComponentDeploymentSpecification] => {
      const update = components.fields(name).fields('ConfigurationUpdate');
      const componentVersion = components.fields(name).get('ComponentVersion');
      const merge = update.get('Merge');
      return [name, { componentVersion, ...merge === '' ? {} : { configurationUpdate: { merge } } }];
    })),
    tags: properties.fields('Tags').entries(),
  };
}

function created(native: Native | undefined, properties: Fields, logicalId: string): ReturnType<Native['create']> {
  if (native === undefined) {
    throw new Error(`no type of ${logicalId}`);
  }
  return native.create(properties, logicalId);
}

export function artifactsOf(properties: Properties): { bucket: string; key: string }[] {
  const copies = properties.Copies;
  return (Array.isArray(copies) ? copies : []).map((copy) => ({ bucket: Fields.of(copy).get('Bucket'), key: Fields.of(copy).get('Key') }));
}
