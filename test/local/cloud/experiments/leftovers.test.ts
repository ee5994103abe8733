import {
  CreateAppCommand, CreateAppImageConfigCommand, CreateDomainCommand, CreateImageCommand, CreateMlflowAppCommand,
  CreateMlflowTrackingServerCommand, CreateSpaceCommand, CreateStudioLifecycleConfigCommand, CreateUserProfileCommand, DeleteAppCommand,
  DescribeAppCommand, DescribeDomainCommand, DescribeSpaceCommand, DescribeUserProfileCommand,
} from '@aws-sdk/client-sagemaker';
import { EXPERIMENT_LISTS } from '../../../../local/cloud/experiments/leftovers';
import { ROLE, startFixture, type Fixture } from '../../sagemaker/fakes';
import { until } from '../../sagemaker/requests';

let fixture: Fixture;
let DomainId = '';
const app = () => ({ DomainId, SpaceName: 'lab', AppType: 'JupyterLab', AppName: 'default' }) as const;

/** Makes one thing of each kind. */
beforeAll(async () => {
  fixture = await startFixture();
  const { root } = fixture;
  ({ DomainId = '' } = await root.send(new CreateDomainCommand({
    DomainName: 'a-domain', AuthMode: 'IAM', VpcId: 'vpc-1', SubnetIds: ['subnet-1'], DefaultUserSettings: { ExecutionRole: ROLE },
  })));
  await until(() => root.send(new DescribeDomainCommand({ DomainId })), ({ Status }) => Status === 'InService');
  await root.send(new CreateUserProfileCommand({ DomainId, UserProfileName: 'ana' }));
  await until(() => root.send(new DescribeUserProfileCommand({ DomainId, UserProfileName: 'ana' })), ({ Status }) => Status === 'InService');
  await root.send(new CreateSpaceCommand({
    DomainId, SpaceName: 'lab', SpaceSettings: { AppType: 'JupyterLab' }, SpaceSharingSettings: { SharingType: 'Private' },
    OwnershipSettings: { OwnerUserProfileName: 'ana' },
  }));
  await until(() => root.send(new DescribeSpaceCommand({ DomainId, SpaceName: 'lab' })), ({ Status }) => Status === 'InService');
  await root.send(new CreateAppCommand(app()));
  await root.send(new CreateImageCommand({ ImageName: 'an-image', RoleArn: ROLE }));
  await root.send(new CreateAppImageConfigCommand({ AppImageConfigName: 'a-configuration', JupyterLabAppImageConfig: {} }));
  await root.send(new CreateStudioLifecycleConfigCommand({
    StudioLifecycleConfigName: 'a-script', StudioLifecycleConfigAppType: 'JupyterLab', StudioLifecycleConfigContent: 'ZWNobw==',
  }));
  await root.send(new CreateMlflowAppCommand({ Name: 'an-app', ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE }));
  await root.send(new CreateMlflowTrackingServerCommand({
    TrackingServerName: 'a-server', ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE,
  }));
});
afterAll(() => fixture.close());

async function found(wanted: string): Promise<string[]> {
  const list = EXPERIMENT_LISTS.find(({ kind }) => kind === wanted);
  return list === undefined ? [] : list.list({ sageMaker: fixture.root });
}

test.each([
  ['Studio domain', 'a-domain'],
  ['Studio user profile', 'ana'],
  ['Studio space', 'lab'],
  ['Studio application', 'lab/JupyterLab/default'],
  ['Studio image', 'an-image'],
  ['configuration of a Studio image', 'a-configuration'],
  ['Studio lifecycle configuration', 'a-script'],
  ['MLflow app', 'an-app'],
  ['MLflow tracking server', 'a-server'],
])('a %s that is left is found', async (kind, name) => {
  expect(await found(kind)).toEqual([name]);
});

test('an application that has ended is nothing that is left', async () => {
  await until(() => fixture.root.send(new DescribeAppCommand(app())), ({ Status }) => Status === 'InService');
  await fixture.root.send(new DeleteAppCommand(app()));
  await until(() => fixture.root.send(new DescribeAppCommand(app())), ({ Status }) => Status === 'Deleted');
  expect(await found('Studio application')).toEqual([]);
});
