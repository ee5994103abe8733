import { createHash } from 'node:crypto';
import {
  CreateAppImageConfigCommand, CreateDomainCommand, CreateImageCommand, CreateImageVersionCommand, CreateMlflowAppCommand,
  CreateMlflowTrackingServerCommand, CreateSpaceCommand, CreateStudioLifecycleConfigCommand, CreateUserProfileCommand,
  DeleteAppImageConfigCommand, DeleteDomainCommand, DeleteImageCommand, DeleteImageVersionCommand, DeleteMlflowAppCommand,
  DeleteMlflowTrackingServerCommand, DeleteSpaceCommand, DeleteStudioLifecycleConfigCommand, DeleteUserProfileCommand,
  DescribeAppImageConfigCommand, DescribeDomainCommand, DescribeImageCommand, DescribeImageVersionCommand, DescribeMlflowAppCommand,
  DescribeMlflowTrackingServerCommand, DescribeSpaceCommand, DescribeStudioLifecycleConfigCommand,
  DescribeUserProfileCommand, SageMakerClient,
  UpdateAppImageConfigCommand, UpdateDomainCommand, UpdateSpaceCommand, UpdateUserProfileCommand,
  type CreateAppImageConfigCommandInput, type CreateDomainCommandInput, type CreateImageCommandInput, type CreateImageVersionCommandInput,
  type CreateMlflowAppCommandInput, type CreateMlflowTrackingServerCommandInput, type CreateSpaceCommandInput,
  type CreateStudioLifecycleConfigCommandInput, type CreateUserProfileCommandInput, type UpdateAppImageConfigCommandInput,
  type UpdateDomainCommandInput, type UpdateSpaceCommandInput, type UpdateUserProfileCommandInput,
} from '@aws-sdk/client-sagemaker';
import { isRecord } from '../../service/validator';
import { record, text, type Properties, type ResourceHandler } from './resource';
import { StudioHandler, type Kind } from './studio-handler';
import { TypedInput, without } from './typed';

const client = new SageMakerClient();

const domains = {
  create: new TypedInput<CreateDomainCommandInput>('SageMaker', 'CreateDomain'),
  update: new TypedInput<UpdateDomainCommandInput>('SageMaker', 'UpdateDomain'),
};
const DOMAIN: Kind = {
  create: async (properties) => (await client.send(new CreateDomainCommand(domains.create.of(properties)))).DomainId ?? '',
  describe: async (DomainId) => {
    const { DomainArn, FailureReason, HomeEfsFileSystemId, Status, Url } = await client.send(new DescribeDomainCommand({ DomainId }));
    return { status: Status, reason: FailureReason, attributes: { DomainArn, DomainId, HomeEfsFileSystemId, Url } };
  },
  update: (DomainId, { DefaultUserSettings }) => client.send(new UpdateDomainCommand(domains.update.of({ DomainId, DefaultUserSettings }))),
  fixed: ['DomainName', 'AuthMode', 'KmsKeyId', 'VpcId', 'SubnetIds'],
  delete: (DomainId) => client.send(new DeleteDomainCommand({ DomainId })),
};

/** `<domain>/<name>`. */
const [pair, unpair] = [
  (domain: string, name: string): string => `${domain}/${name}`,
  (id: string): readonly [string, string] => [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)],
];

const users = {
  create: new TypedInput<CreateUserProfileCommandInput>('SageMaker', 'CreateUserProfile'),
  update: new TypedInput<UpdateUserProfileCommandInput>('SageMaker', 'UpdateUserProfile'),
};
const USER: Kind = {
  create: async (properties) => {
    await client.send(new CreateUserProfileCommand(users.create.of(properties)));
    return pair(text(properties, 'DomainId'), text(properties, 'UserProfileName'));
  },
  describe: async (id) => {
    const [DomainId, UserProfileName] = unpair(id);
    const { FailureReason, Status, UserProfileArn } = await client.send(new DescribeUserProfileCommand({ DomainId, UserProfileName }));
    return { status: Status, reason: FailureReason, attributes: { UserProfileArn } };
  },
  update: (id, { UserSettings }) => {
    const [DomainId, UserProfileName] = unpair(id);
    return client.send(new UpdateUserProfileCommand(users.update.of({ DomainId, UserProfileName, UserSettings })));
  },
  fixed: ['DomainId', 'UserProfileName'],
  delete: (id) => {
    const [DomainId, UserProfileName] = unpair(id);
    return client.send(new DeleteUserProfileCommand({ DomainId, UserProfileName }));
  },
};

const spaces = {
  create: new TypedInput<CreateSpaceCommandInput>('SageMaker', 'CreateSpace'),
  update: new TypedInput<UpdateSpaceCommandInput>('SageMaker', 'UpdateSpace'),
};
const SPACE: Kind = {
  create: async (properties) => {
    await client.send(new CreateSpaceCommand(spaces.create.of(properties)));
    return pair(text(properties, 'DomainId'), text(properties, 'SpaceName'));
  },
  describe: async (id) => {
    const [DomainId, SpaceName] = unpair(id);
    const { FailureReason, SpaceArn, Status } = await client.send(new DescribeSpaceCommand({ DomainId, SpaceName }));
    return { status: Status, reason: FailureReason, attributes: { SpaceArn } };
  },
  update: (id, { SpaceSettings }) => {
    const [DomainId, SpaceName] = unpair(id);
    return client.send(new UpdateSpaceCommand(spaces.update.of({ DomainId, SpaceName, SpaceSettings })));
  },
  fixed: ['DomainId', 'SpaceName', 'OwnershipSettings', 'SpaceSharingSettings'],
  delete: (id) => {
    const [DomainId, SpaceName] = unpair(id);
    return client.send(new DeleteSpaceCommand({ DomainId, SpaceName }));
  },
};

const images = new TypedInput<CreateImageCommandInput>('SageMaker', 'CreateImage');
const IMAGE: Kind = {
  create: async ({ ImageDescription: Description, ImageDisplayName: DisplayName, ImageName, ImageRoleArn: RoleArn, Tags }) => {
    const given = Object.entries({ Description, DisplayName, ImageName, RoleArn, Tags }).filter(([, value]) => value !== undefined);
    await client.send(new CreateImageCommand(images.of(Object.fromEntries(given))));
    return String(ImageName);
  },
  describe: async (ImageName) => {
    const { FailureReason, ImageArn, ImageStatus } = await client.send(new DescribeImageCommand({ ImageName }));
    return { status: ImageStatus, reason: FailureReason, attributes: { ImageArn } };
  },
  delete: (ImageName) => client.send(new DeleteImageCommand({ ImageName })),
};

const versions = new TypedInput<CreateImageVersionCommandInput>('SageMaker', 'CreateImageVersion');
const VERSION: Kind = {
  create: async ({ BaseImage, ImageName }, { logicalId, stackId }) => {
    const ClientToken = createHash('sha256').update(`${stackId}/${logicalId}/${String(BaseImage)}`).digest('hex').slice(0, 36);
    const { ImageVersionArn = '' } = await client.send(new CreateImageVersionCommand(versions.of({ BaseImage, ImageName, ClientToken })));
    return pair(String(ImageName), ImageVersionArn.slice(ImageVersionArn.lastIndexOf('/') + 1));
  },
  describe: async (id) => {
    const [ImageName, version] = unpair(id);
    const found = await client.send(new DescribeImageVersionCommand({ ImageName, Version: Number(version) }));
    const { ContainerImage, FailureReason, ImageArn, ImageVersionArn, ImageVersionStatus, Version } = found;
    return { status: ImageVersionStatus, reason: FailureReason, attributes: { ContainerImage, ImageArn, ImageVersionArn, Version } };
  },
  is: async (id, { BaseImage }) => {
    const [ImageName, version] = unpair(id);
    const { ContainerImage } = await client.send(new DescribeImageVersionCommand({ ImageName, Version: Number(version) }));
    return ContainerImage === BaseImage;
  },
  delete: (id) => {
    const [ImageName, version] = unpair(id);
    return client.send(new DeleteImageVersionCommand({ ImageName, Version: Number(version) }));
  },
};

const configs = {
  create: new TypedInput<CreateAppImageConfigCommandInput>('SageMaker', 'CreateAppImageConfig'),
  update: new TypedInput<UpdateAppImageConfigCommandInput>('SageMaker', 'UpdateAppImageConfig'),
};
const CONFIG: Kind = {
  create: async (properties) => {
    await client.send(new CreateAppImageConfigCommand(configs.create.of(withVariables(properties))));
    return text(properties, 'AppImageConfigName');
  },
  describe: async (AppImageConfigName) => {
    const { AppImageConfigArn } = await client.send(new DescribeAppImageConfigCommand({ AppImageConfigName }));
    return { attributes: { AppImageConfigArn } };
  },
  update: (_, properties) => client.send(new UpdateAppImageConfigCommand(configs.update.of(without(withVariables(properties), 'Tags')))),
  fixed: ['AppImageConfigName'],
  delete: (AppImageConfigName) => client.send(new DeleteAppImageConfigCommand({ AppImageConfigName })),
};

/** CloudFormation has variables as a list, the API as a map. */
function withVariables(properties: Properties): Properties {
  const changed = ['CodeEditorAppImageConfig', 'JupyterLabAppImageConfig'].filter((name) => isRecord(properties[name])).map((name) => {
    const container = record(record(properties, name), 'ContainerConfig');
    const { ContainerEnvironmentVariables: list } = container;
    const entries = Array.isArray(list) ? list.filter(isRecord).map(({ Key, Value }) => [String(Key), String(Value)]) : undefined;
    const variables: unknown = entries && Object.fromEntries(entries);
    return [
      name,
      variables === undefined ? properties[name] : { ContainerConfig: { ...container, ContainerEnvironmentVariables: variables } },
    ];
  });
  return { ...properties, ...Object.fromEntries(changed) as Properties };
}

const scripts = new TypedInput<CreateStudioLifecycleConfigCommandInput>('SageMaker', 'CreateStudioLifecycleConfig');
const SCRIPT: Kind = {
  create: async (properties) => {
    await client.send(new CreateStudioLifecycleConfigCommand(scripts.of(properties)));
    return text(properties, 'StudioLifecycleConfigName');
  },
  describe: async (StudioLifecycleConfigName) => {
    const { StudioLifecycleConfigArn } = await client.send(new DescribeStudioLifecycleConfigCommand({ StudioLifecycleConfigName }));
    return { attributes: { StudioLifecycleConfigArn } };
  },
  delete: (StudioLifecycleConfigName) => client.send(new DeleteStudioLifecycleConfigCommand({ StudioLifecycleConfigName })),
};

const apps = new TypedInput<CreateMlflowAppCommandInput>('SageMaker', 'CreateMlflowApp');
const MLFLOW_APP: Kind = {
  create: async (properties) => (await client.send(new CreateMlflowAppCommand(apps.of(properties)))).Arn ?? '',
  describe: async (Arn) => {
    const { Status } = await client.send(new DescribeMlflowAppCommand({ Arn }));
    return { status: Status, attributes: { Arn } };
  },
  delete: (Arn) => client.send(new DeleteMlflowAppCommand({ Arn })),
};

const servers = new TypedInput<CreateMlflowTrackingServerCommandInput>('SageMaker', 'CreateMlflowTrackingServer');
const MLFLOW_SERVER: Kind = {
  create: async (properties) => {
    await client.send(new CreateMlflowTrackingServerCommand(servers.of(properties)));
    return text(properties, 'TrackingServerName');
  },
  describe: async (TrackingServerName) => {
    const { TrackingServerArn, TrackingServerStatus } = await client.send(new DescribeMlflowTrackingServerCommand({ TrackingServerName }));
    return { status: TrackingServerStatus, attributes: { TrackingServerArn } };
  },
  delete: (TrackingServerName) => client.send(new DeleteMlflowTrackingServerCommand({ TrackingServerName })),
};

/** By the type that the bridge gives them. */
export const STUDIO_HANDLERS: Readonly<Record<string, () => ResourceHandler>> = {
  'Custom::AWS-SageMaker-Domain': () => new StudioHandler(DOMAIN),
  'Custom::AWS-SageMaker-UserProfile': () => new StudioHandler(USER),
  'Custom::AWS-SageMaker-Space': () => new StudioHandler(SPACE),
  'Custom::AWS-SageMaker-Image': () => new StudioHandler(IMAGE),
  'Custom::AWS-SageMaker-ImageVersion': () => new StudioHandler(VERSION),
  'Custom::AWS-SageMaker-AppImageConfig': () => new StudioHandler(CONFIG),
  'Custom::AWS-SageMaker-StudioLifecycleConfig': () => new StudioHandler(SCRIPT),
  'Custom::AWS-SageMaker-MlflowApp': () => new StudioHandler(MLFLOW_APP),
  'Custom::AWS-SageMaker-MlflowTrackingServer': () => new StudioHandler(MLFLOW_SERVER),
};
