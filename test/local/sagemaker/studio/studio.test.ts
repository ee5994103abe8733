import {
  CreateAppCommand, CreateAppImageConfigCommand, CreateDomainCommand, CreateImageCommand, CreateImageVersionCommand, CreateSpaceCommand,
  CreateUserProfileCommand, DeleteAppCommand, DeleteDomainCommand, DeleteImageCommand, DeleteSpaceCommand, DeleteUserProfileCommand,
  DescribeAppCommand, DescribeDomainCommand, DescribeImageVersionCommand, DescribeSpaceCommand, DescribeUserProfileCommand, ListAppsCommand,
  ListSpacesCommand, ListUserProfilesCommand, UpdateDomainCommand, type CreateDomainCommandInput,
} from '@aws-sdk/client-sagemaker';
import { arn, CONTROL, ROLE, startFixture, type Fixture } from '../fakes';
import { until } from '../requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const wanted = (DomainName: string, change: Partial<CreateDomainCommandInput> = {}): CreateDomainCommandInput => ({
  DomainName, AuthMode: 'IAM', VpcId: 'vpc-1', SubnetIds: ['subnet-1'], DefaultUserSettings: { ExecutionRole: ROLE }, ...change,
});

async function domain(name: string): Promise<string> {
  const { DomainId = '' } = await fixture.root.send(new CreateDomainCommand(wanted(name)));
  await until(() => fixture.root.send(new DescribeDomainCommand({ DomainId })), ({ Status }) => Status === 'InService');
  return DomainId;
}

/** With a user `ana` and her space `lab`. */
async function furnished(name: string): Promise<string> {
  const DomainId = await domain(name);
  await fixture.root.send(new CreateUserProfileCommand({ DomainId, UserProfileName: 'ana' }));
  await until(
    () => fixture.root.send(new DescribeUserProfileCommand({ DomainId, UserProfileName: 'ana' })),
    ({ Status }) => Status === 'InService',
  );
  await fixture.root.send(new CreateSpaceCommand({
    DomainId, SpaceName: 'lab', SpaceSettings: { AppType: 'JupyterLab' }, SpaceSharingSettings: { SharingType: 'Private' },
    OwnershipSettings: { OwnerUserProfileName: 'ana' },
  }));
  await until(() => fixture.root.send(new DescribeSpaceCommand({ DomainId, SpaceName: 'lab' })), ({ Status }) => Status === 'InService');
  return DomainId;
}

const lab = (DomainId: string) => ({ DomainId, SpaceName: 'lab', AppType: 'JupyterLab', AppName: 'default' }) as const;

async function image(ImageName: string): Promise<void> {
  await fixture.root.send(new CreateImageCommand({ ImageName, RoleArn: ROLE }));
  await fixture.root.send(new CreateImageVersionCommand({ ImageName, BaseImage: 'repository:1', ClientToken: ImageName.padEnd(36, 'x') }));
  await until(
    () => fixture.root.send(new DescribeImageVersionCommand({ ImageName })),
    ({ ImageVersionStatus }) => ImageVersionStatus === 'CREATED',
  );
  await fixture.root.send(new CreateAppImageConfigCommand({ AppImageConfigName: ImageName, JupyterLabAppImageConfig: {} }));
}

describe('a domain that is on its way', () => {
  let slow: Fixture;
  let DomainId = '';
  beforeAll(async () => {
    slow = await startFixture(undefined, undefined, undefined, undefined, 600_000); // longer than any test
    ({ DomainId = '' } = await slow.root.send(new CreateDomainCommand(wanted('slow'))));
  });
  afterAll(() => slow.close());

  test('is pending', async () => {
    expect(await slow.root.send(new DescribeDomainCommand({ DomainId }))).toMatchObject({ DomainName: 'slow', Status: 'Pending' });
  });

  test('refuses a change', async () => {
    const update = new UpdateDomainCommand({ DomainId, DefaultUserSettings: { ExecutionRole: ROLE } });
    await expect(slow.root.send(update)).rejects.toMatchObject({ name: 'ResourceInUse' });
  });
});

describe('a domain', () => {
  test('comes into service, as it was asked for', async () => {
    const { DomainId = '', DomainArn } = await fixture.root.send(new CreateDomainCommand(wanted('first')));
    expect(DomainArn).toBe(arn(`domain/${DomainId}`));
    const made = await until(() => fixture.root.send(new DescribeDomainCommand({ DomainId })), ({ Status }) => Status === 'InService');
    expect(made).toMatchObject(wanted('first'));
  });

  test('keeps the settings that an update does not name', async () => {
    const DomainId = await domain('settings');
    await fixture.root.send(new UpdateDomainCommand({ DomainId, DefaultUserSettings: { JupyterLabAppSettings: { CustomImages: [] } } }));
    const { DefaultUserSettings: settings } = await fixture.root.send(new DescribeDomainCommand({ DomainId }));
    expect(settings).toEqual({ ExecutionRole: ROLE, JupyterLabAppSettings: { CustomImages: [] } });
  });

  test('takes no image that is not there, or that has no configuration for the application', async () => {
    const DomainId = await domain('images');
    await image('attached');
    const update = (AppImageConfigName: string, key: 'JupyterLabAppSettings' | 'CodeEditorAppSettings') => new UpdateDomainCommand({
      DomainId, DefaultUserSettings: { [key]: { CustomImages: [{ ImageName: 'attached', AppImageConfigName }] } },
    });
    await expect(fixture.root.send(update('missing', 'JupyterLabAppSettings'))).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await expect(fixture.root.send(update('attached', 'CodeEditorAppSettings'))).rejects.toThrow(
      'AppImageConfig [attached] is not for CodeEditor',
    );
    await fixture.root.send(update('attached', 'JupyterLabAppSettings'));
  });

  test('leaves its home directories, unless the delete says otherwise', async () => {
    const [kept, gone] = [await domain('kept'), await domain('gone')];
    await fixture.root.send(new DeleteDomainCommand({ DomainId: kept }));
    await fixture.root.send(new DeleteDomainCommand({ DomainId: gone, RetentionPolicy: { HomeEfsFileSystem: 'Delete' } }));
    for (const DomainId of [kept, gone]) {
      await expect(until(
        () => fixture.root.send(new DescribeDomainCommand({ DomainId })),
        () => false,
      )).rejects.toMatchObject({ name: 'ResourceNotFound' });
    }
    const state = await fetch(`${fixture.standIn.url}/_stand-in/state`, { headers: CONTROL });
    const { studioDomains } = await state.json() as { studioDomains: object[] };
    expect(studioDomains).toContainEqual(expect.objectContaining({ KeptOf: kept }));
    expect(studioDomains).not.toContainEqual(expect.objectContaining({ KeptOf: gone }));
  });

  test.each([
    [{ AuthMode: 'SSO' as const }, 'IAM alone'],
    [{ VpcId: undefined, SubnetIds: undefined }, 'VpcId and SubnetIds must be given'],
  ])('fails when it is %p', async (change, message) => {
    await expect(fixture.root.send(new CreateDomainCommand(wanted('wrong', change)))).rejects.toThrow(message);
  });
});

describe('what is in a domain', () => {
  test('is deleted from the inside: applications, spaces, users, the domain', async () => {
    const DomainId = await furnished('full');
    await fixture.root.send(new CreateAppCommand(lab(DomainId)));
    const [user, space] = [{ DomainId, UserProfileName: 'ana' }, { DomainId, SpaceName: 'lab' }];
    for (const command of [new DeleteSpaceCommand(space), new DeleteUserProfileCommand(user), new DeleteDomainCommand({ DomainId })]) {
      await expect(fixture.root.send(command as DeleteSpaceCommand)).rejects.toMatchObject({ name: 'ResourceInUse' });
    }
    await fixture.root.send(new DeleteAppCommand(lab(DomainId)));
    await until(() => fixture.root.send(new DescribeAppCommand(lab(DomainId))), ({ Status }) => Status === 'Deleted');
    await fixture.root.send(new DeleteSpaceCommand(space));
    await until(() => fixture.root.send(new ListSpacesCommand({ DomainIdEquals: DomainId })), ({ Spaces }) => Spaces?.length === 0);
    await fixture.root.send(new DeleteUserProfileCommand(user));
    await until(
      () => fixture.root.send(new ListUserProfilesCommand({ DomainIdEquals: DomainId })),
      ({ UserProfiles }) => UserProfiles?.length === 0,
    );
    await fixture.root.send(new DeleteDomainCommand({ DomainId }));
  });

  test('lists an application that has ended, whose name is free again', async () => {
    const DomainId = await furnished('ended');
    await fixture.root.send(new CreateAppCommand(lab(DomainId)));
    await expect(fixture.root.send(new CreateAppCommand(lab(DomainId)))).rejects.toMatchObject({ name: 'ResourceInUse' });
    await fixture.root.send(new DeleteAppCommand(lab(DomainId)));
    await until(() => fixture.root.send(new ListAppsCommand({ DomainIdEquals: DomainId })), ({ Apps }) => Apps?.[0]?.Status === 'Deleted');
    await expect(fixture.root.send(new DeleteAppCommand(lab(DomainId)))).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await fixture.root.send(new CreateAppCommand(lab(DomainId)));
  });

  test('has no new application of Studio Classic', async () => {
    const DomainId = await furnished('classic');
    await expect(fixture.root.send(new CreateAppCommand({
      DomainId,
      UserProfileName: 'ana',
      AppType: 'JupyterServer',
      AppName: 'default',
    }))).rejects.toThrow(
      'Studio Classic takes no new applications, got AppType JupyterServer',
    );
  });

  test('has an application of the type of its space alone', async () => {
    const DomainId = await furnished('types');
    await expect(fixture.root.send(new CreateAppCommand({ ...lab(DomainId), AppType: 'CodeEditor' }))).rejects.toThrow(
      'Space [lab] is for JupyterLab, got AppType CodeEditor',
    );
  });

  test('runs an image only where it is attached', async () => {
    const DomainId = await furnished('attachment');
    await image('unattached');
    const ResourceSpec = { SageMakerImageVersionArn: arn('image-version/unattached/1') };
    await expect(fixture.root.send(new CreateAppCommand({ ...lab(DomainId), ResourceSpec }))).rejects.toThrow('is not attached to Domain');
  });

  test('fails an application whose container does not answer, where a test asks for it', async () => {
    const DomainId = await furnished('failing');
    await fixture.fault({ jobNameContains: `${DomainId}/lab`, become: 'FAILED' });
    await fixture.root.send(new CreateAppCommand(lab(DomainId)));
    const app = await until(() => fixture.root.send(new DescribeAppCommand(lab(DomainId))), ({ Status }) => Status === 'Failed');
    expect(app.FailureReason).toContain('ConfigurationError');
  });
});

describe('an image', () => {
  test('goes with its versions', async () => {
    await image('whole');
    await fixture.root.send(new DeleteImageCommand({ ImageName: 'whole' }));
    await expect(until(
      () => fixture.root.send(new DescribeImageVersionCommand({ ImageName: 'whole', Version: 1 })),
      () => false,
    )).rejects.toMatchObject(
      { name: 'ResourceNotFound' },
    );
  });

  test('has a configuration for exactly one application', async () => {
    await expect(fixture.root.send(new CreateAppImageConfigCommand({
      AppImageConfigName: 'both', JupyterLabAppImageConfig: {}, CodeEditorAppImageConfig: {},
    }))).rejects.toThrow('Exactly one of KernelGatewayImageConfig, JupyterLabAppImageConfig and CodeEditorAppImageConfig must be given');
  });
});
