import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateAppImageConfigCommand, CreateDomainCommand, CreateImageCommand, CreateMlflowAppCommand, CreateMlflowTrackingServerCommand,
  CreateStudioLifecycleConfigCommand, DescribeMlflowAppCommand, ListAppImageConfigsCommand, ListDomainsCommand, ListImagesCommand,
  ListMlflowAppsCommand, ListMlflowTrackingServersCommand, ListStudioLifecycleConfigsCommand, type ListImagesCommandInput,
} from '@aws-sdk/client-sagemaker';
import { arn, ROLE, startFixture, type Fixture } from '../fakes';
import { until } from '../requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

async function imageNames(input: ListImagesCommandInput): Promise<(string | undefined)[]> {
  const { Images = [] } = await fixture.root.send(new ListImagesCommand(input));
  return Images.map(({ ImageName }) => ImageName);
}

describe('images', () => {
  let between = new Date();
  beforeAll(async () => {
    await fixture.root.send(new CreateImageCommand({ ImageName: 'b-first', RoleArn: ROLE, Description: 'The first' }));
    await sleep(5);
    between = new Date();
    await sleep(5);
    await fixture.root.send(new CreateImageCommand({ ImageName: 'a-second', RoleArn: ROLE }));
  });

  test('are listed with their ARN, the newest first', async () => {
    const { Images } = await fixture.root.send(new ListImagesCommand({}));
    expect(Images).toMatchObject([{ ImageName: 'a-second' }, { ImageName: 'b-first', ImageArn: arn('image/b-first'), Description: 'The first' }]);
  });

  test.each<[string, ListImagesCommandInput, string[]]>([
    ['the oldest first', { SortOrder: 'ASCENDING' }, ['b-first', 'a-second']],
    ['by name', { SortBy: 'IMAGE_NAME', SortOrder: 'ASCENDING' }, ['a-second', 'b-first']],
    ['with a part of a name', { NameContains: 'first' }, ['b-first']],
  ])('are listed %s', async (_, input, names) => {
    expect(await imageNames(input)).toEqual(names);
  });

  test('are listed by the time when they were made', async () => {
    expect(await imageNames({ CreationTimeAfter: between })).toEqual(['a-second']);
    expect(await imageNames({ CreationTimeBefore: between })).toEqual(['b-first']);
  });

  test('come in pages', async () => {
    const { Images, NextToken } = await fixture.root.send(new ListImagesCommand({ MaxResults: 1 }));
    expect(Images).toMatchObject([{ ImageName: 'a-second' }]);
    expect(await imageNames({ MaxResults: 1, NextToken })).toEqual(['b-first']);
  });
});

test('domains are listed with their names', async () => {
  const { DomainArn, DomainId } = await fixture.root.send(new CreateDomainCommand({
    DomainName: 'listed', AuthMode: 'IAM', VpcId: 'vpc-1', SubnetIds: ['subnet-1'], DefaultUserSettings: { ExecutionRole: ROLE },
  }));
  const { Domains } = await fixture.root.send(new ListDomainsCommand({}));
  expect(Domains).toMatchObject([{ DomainArn, DomainId, DomainName: 'listed' }]);
});

test('configurations of images are listed by the time of their last change', async () => {
  await fixture.root.send(new CreateAppImageConfigCommand({ AppImageConfigName: 'lab', JupyterLabAppImageConfig: {} }));
  const names = async (input: { readonly ModifiedTimeBefore?: Date }) => (
    (await fixture.root.send(new ListAppImageConfigsCommand(input))).AppImageConfigs?.map(({ AppImageConfigName: name }) => name)
  );
  expect(await names({})).toEqual(['lab']);
  expect(await names({ ModifiedTimeBefore: new Date(0) })).toEqual([]);
});

test('lifecycle configurations are listed by the application that they are for', async () => {
  await fixture.root.send(new CreateStudioLifecycleConfigCommand({
    StudioLifecycleConfigName: 'script', StudioLifecycleConfigAppType: 'JupyterLab', StudioLifecycleConfigContent: 'ZWNobw==',
  }));
  const names = async (AppTypeEquals: 'CodeEditor' | 'JupyterLab') => (
    (await fixture.root.send(new ListStudioLifecycleConfigsCommand({ AppTypeEquals }))).StudioLifecycleConfigs
      ?.map(({ StudioLifecycleConfigName: name }) => name)
  );
  expect(await names('JupyterLab')).toEqual(['script']);
  expect(await names('CodeEditor')).toEqual([]);
});

describe('MLflow', () => {
  const store = { ArtifactStoreUri: 's3://models/mlflow', RoleArn: ROLE };

  test('apps are listed by their status', async () => {
    const { Arn } = await fixture.root.send(new CreateMlflowAppCommand({ Name: 'app', ...store }));
    await until(() => fixture.root.send(new DescribeMlflowAppCommand({ Arn })), ({ Status }) => Status === 'Created');
    expect((await fixture.root.send(new ListMlflowAppsCommand({ Status: 'Created' }))).Summaries).toMatchObject([{ Arn, Name: 'app', Status: 'Created' }]);
    expect((await fixture.root.send(new ListMlflowAppsCommand({ Status: 'Deleting' }))).Summaries).toEqual([]);
  });

  test('tracking servers are listed by the time when they were made', async () => {
    const { TrackingServerArn } = await fixture.root.send(new CreateMlflowTrackingServerCommand({ TrackingServerName: 'server', ...store }));
    const list = async (input: { readonly CreatedBefore?: Date }) => (
      (await fixture.root.send(new ListMlflowTrackingServersCommand(input))).TrackingServerSummaries
    );
    expect(await list({})).toMatchObject([{ TrackingServerArn, TrackingServerName: 'server' }]);
    expect(await list({ CreatedBefore: new Date(0) })).toEqual([]);
  });

  test('a list by what the stand-in does not keep is refused', async () => {
    await expect(fixture.root.send(new ListMlflowAppsCommand({ DefaultForDomainId: 'd-1' }))).rejects.toThrow(
      'The local stand-in lists nothing by DefaultForDomainId',
    );
  });
});
