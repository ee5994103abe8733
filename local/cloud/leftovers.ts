import { paginateListStacks } from '@aws-sdk/client-cloudformation';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { paginateListRoles } from '@aws-sdk/client-iam';
import { ListComponentsCommand, ListCoreDevicesCommand, ListDeploymentsCommand } from '@aws-sdk/client-greengrassv2';
import {
  ListCertificatesCommand, ListPoliciesCommand, ListRoleAliasesCommand, ListThingGroupsCommand, ListThingsCommand,
  ListThingTypesCommand,
} from '@aws-sdk/client-iot';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import {
  ListCompilationJobsCommand, ListDeviceFleetsCommand, ListDevicesCommand, ListEdgePackagingJobsCommand, ListEndpointConfigsCommand,
  ListEndpointsCommand, ListModelsCommand,
} from '@aws-sdk/client-sagemaker';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { isRecord } from '../service/validator';
import type { Clients } from './clients';
import { EXPERIMENT_LISTS } from './experiments/leftovers';
import { LOAD_TEST_LISTS } from './load-test-leftovers';
import { names, type LeftoverList } from './leftover-list';

const BOOTSTRAP = /^(CDKToolkit$|cdk-hnb659fds-)/;
const BRIDGE = 'LocalBridge';

export interface LeftoverOptions {
  /** The bridge's own resources may be there. */
  readonly withBridge?: boolean;
}

/**
 * What is in the account, as the services themselves list it, beside what the bootstrap (and the bridge) made; a line
 * each. Records of packaging jobs that are over do not count: no API deletes them.
 */
export async function findLeftovers(clients: Clients, { withBridge = false }: LeftoverOptions = {}): Promise<string[]> {
  const found = await Promise.all(LISTS.map(async ({ kind, list }) => (await list(clients)).map((name) => ({ kind, name }))));
  const left = found.flat().filter(({ name }) => !BOOTSTRAP.test(name) && !(withBridge && name.startsWith(BRIDGE)));
  return left.map(({ kind, name }) => `${kind} ${name}`);
}

/** What is looked for, for people. */
export function leftoverKinds(): string {
  const kinds = LISTS.map(({ kind }) => kind);
  return `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1) ?? ''}`;
}

const LISTS: readonly LeftoverList[] = [
  { kind: 'stack', list: listStacks },
  {
    kind: 'compilation job',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListCompilationJobsCommand({ MaxResults: 100 }))).CompilationJobSummaries,
      (job) => job.CompilationJobName,
    ),
  },
  { kind: 'running packaging job', list: listRunningPackagingJobs },
  {
    kind: 'device fleet',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListDeviceFleetsCommand({ MaxResults: 100 }))).DeviceFleetSummaries,
      (fleet) => fleet.DeviceFleetName,
    ),
  },
  {
    kind: 'device',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListDevicesCommand({ MaxResults: 100 }))).DeviceSummaries,
      (device) => device.DeviceName,
    ),
  },
  {
    kind: 'endpoint',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListEndpointsCommand({ MaxResults: 100 }))).Endpoints,
      (endpoint) => endpoint.EndpointName,
    ),
  },
  {
    kind: 'endpoint configuration',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListEndpointConfigsCommand({ MaxResults: 100 }))).EndpointConfigs,
      (configuration) => configuration.EndpointConfigName,
    ),
  },
  {
    kind: 'model',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListModelsCommand({ MaxResults: 100 }))).Models,
      (model) => model.ModelName,
    ),
  },
  { kind: 'git repository', list: listRepositories },
  { kind: 'thing', list: async ({ iot }) => names((await iot.send(new ListThingsCommand({}))).things, (thing) => thing.thingName) },
  {
    kind: 'thing group',
    list: async ({ iot }) => names(
      (await iot.send(new ListThingGroupsCommand({ maxResults: 250 }))).thingGroups,
      (group) => group.groupName,
    ),
  },
  {
    kind: 'component',
    list: async ({ greengrass }) => names(
      (await greengrass.send(new ListComponentsCommand({ maxResults: 100 }))).components,
      (component) => component.componentName,
    ),
  },
  {
    kind: 'deployment',
    list: async ({ greengrass }) => names(
      (await greengrass.send(new ListDeploymentsCommand({ historyFilter: 'ALL', maxResults: 100 }))).deployments,
      (deployment) => deployment.deploymentId,
    ),
  },
  {
    kind: 'core device',
    list: async ({ greengrass }) => names(
      (await greengrass.send(new ListCoreDevicesCommand({ maxResults: 100 }))).coreDevices,
      (device) => device.coreDeviceThingName,
    ),
  },
  {
    kind: 'thing type',
    list: async ({ iot }) => names((await iot.send(new ListThingTypesCommand({}))).thingTypes, (type) => type.thingTypeName),
  },
  { kind: 'role alias', list: async ({ iot }) => (await iot.send(new ListRoleAliasesCommand({ pageSize: 250 }))).roleAliases ?? [] },
  {
    kind: 'certificate',
    list: async ({ iot }) => names(
      (await iot.send(new ListCertificatesCommand({ pageSize: 250 }))).certificates,
      (certificate) => certificate.certificateId,
    ),
  },
  {
    kind: 'IoT policy',
    list: async ({ iot }) => names((await iot.send(new ListPoliciesCommand({ pageSize: 250 }))).policies, (policy) => policy.policyName),
  },
  { kind: 'bucket', list: async ({ s3 }) => names((await s3.send(new ListBucketsCommand({}))).Buckets, (bucket) => bucket.Name) },
  {
    kind: 'secret',
    list: async ({ secrets }) => names(
      (await secrets.send(new ListSecretsCommand({ MaxResults: 100 }))).SecretList,
      (secret) => secret.Name,
    ),
  },
  {
    kind: 'state machine',
    list: async ({ stepFunctions }) => names(
      (await stepFunctions.send(new ListStateMachinesCommand({}))).stateMachines,
      (machine) => machine.name,
    ),
  },
  { kind: 'function', list: listFunctions },
  { kind: 'instance', list: listInstances },
  { kind: 'role', list: listRoles },
  ...LOAD_TEST_LISTS,
  ...EXPERIMENT_LISTS,
];

async function listStacks({ cloudFormation }: Clients): Promise<string[]> {
  const stacks: string[] = [];
  for await (const page of paginateListStacks({ client: cloudFormation }, {})) {
    stacks.push(...names(page.StackSummaries?.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE'), (stack) => stack.StackName));
  }
  return stacks;
}

async function listRunningPackagingJobs({ sageMaker }: Clients): Promise<string[]> {
  const { EdgePackagingJobSummaries: jobs } = await sageMaker.send(new ListEdgePackagingJobsCommand({ MaxResults: 100 }));
  return names(
    jobs?.filter(({ EdgePackagingJobStatus: status }) => status === 'STARTING' || status === 'INPROGRESS' || status === 'STOPPING'),
    (job) => job.EdgePackagingJobName,
  );
}

async function listFunctions({ lambda }: Clients): Promise<string[]> {
  const functions: string[] = [];
  for await (const page of paginateListFunctions({ client: lambda }, {})) {
    functions.push(...names(page.Functions, (entry) => entry.FunctionName));
  }
  return functions;
}

async function listInstances({ settings }: Clients): Promise<string[]> {
  const ec2 = new EC2Client(settings);
  const { Reservations: reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  ec2.destroy();
  return names(
    reservations.flatMap(({ Instances: instances = [] }) => instances).filter(({ State: state }) => state?.Name !== 'terminated'),
    ({ InstanceId: instanceId }) => instanceId,
  );
}

async function listRoles({ iam }: Clients): Promise<string[]> {
  const roles: string[] = [];
  for await (const page of paginateListRoles({ client: iam }, {})) {
    roles.push(...names(page.Roles, (role) => role.RoleName));
  }
  return roles;
}

async function listRepositories({ codeCommit }: Clients): Promise<string[]> {
  const { repositories } = await codeCommit('ListRepositories', {});
  const listed: unknown[] = Array.isArray(repositories) ? repositories : [];
  return listed.map((each) => (isRecord(each) ? String(each.repositoryName) : ''));
}
