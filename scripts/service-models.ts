// Writes local/service/models: AWS's own models of the services that the local cloud stands in for, reduced to the
// operations in use. They come with botocore, which the emulator's virtual environment holds in the version that
// local/cloud/requirements.txt pins: run `npm run local` or `npm run test:local` once before, then `npm run service-models`.
//
// Whether they are stale is checked by test/deploy/service-models.test.ts and not by `npm run docs -- --check`: the deploy
// suites need the virtual environment anyway, the steps before them need no Python.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** By botocore's folder. Of a REST service all other operations are kept as routes, so that the request log names them. */
const IN_USE: Readonly<Record<string, readonly string[]>> = {
  sagemaker: [
    'AddTags', 'CreateApp', 'CreateAppImageConfig', 'CreateCompilationJob', 'CreateDeviceFleet', 'CreateDomain',
    'CreateEdgePackagingJob', 'CreateEndpoint', 'CreateEndpointConfig', 'CreateImage', 'CreateImageVersion',
    'CreateMlflowApp', 'CreateMlflowTrackingServer', 'CreateModel', 'CreateProcessingJob', 'CreateSpace',
    'CreateStudioLifecycleConfig', 'CreateTrainingJob', 'CreateUserProfile', 'DeleteApp', 'DeleteAppImageConfig',
    'DeleteCompilationJob', 'DeleteDeviceFleet', 'DeleteDomain', 'DeleteEndpoint', 'DeleteEndpointConfig', 'DeleteImage',
    'DeleteImageVersion', 'DeleteMlflowApp', 'DeleteMlflowTrackingServer', 'DeleteModel', 'DeleteSpace',
    'DeleteStudioLifecycleConfig', 'DeleteTags', 'DeleteUserProfile', 'DeregisterDevices', 'DescribeApp',
    'DescribeAppImageConfig', 'DescribeCompilationJob', 'DescribeDevice', 'DescribeDeviceFleet', 'DescribeDomain',
    'DescribeEdgePackagingJob', 'DescribeEndpoint', 'DescribeEndpointConfig', 'DescribeImage', 'DescribeImageVersion',
    'DescribeMlflowApp', 'DescribeMlflowTrackingServer', 'DescribeModel', 'DescribeProcessingJob', 'DescribeSpace',
    'DescribeStudioLifecycleConfig', 'DescribeTrainingJob', 'DescribeUserProfile', 'GetDeviceFleetReport', 'ListAppImageConfigs',
    'ListApps', 'ListCompilationJobs', 'ListDeviceFleets', 'ListDevices', 'ListDomains', 'ListEdgePackagingJobs',
    'ListEndpointConfigs', 'ListEndpoints', 'ListImages', 'ListMlflowApps', 'ListMlflowTrackingServers', 'ListModels',
    'ListProcessingJobs', 'ListSpaces', 'ListStudioLifecycleConfigs', 'ListTags', 'ListTrainingJobs', 'ListUserProfiles',
    'RegisterDevices',
    'StopCompilationJob', 'StopEdgePackagingJob', 'StopProcessingJob', 'StopTrainingJob', 'UpdateAppImageConfig',
    'UpdateDeviceFleet', 'UpdateDevices', 'UpdateDomain', 'UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities',
    'UpdateSpace', 'UpdateUserProfile',
  ],
  'sagemaker-runtime': ['InvokeEndpoint'],
  'application-autoscaling': [
    'DeleteScalingPolicy', 'DeregisterScalableTarget', 'DescribeScalableTargets', 'DescribeScalingActivities',
    'DescribeScalingPolicies', 'ListTagsForResource', 'PutScalingPolicy', 'RegisterScalableTarget', 'TagResource', 'UntagResource',
  ],
  ecs: ['DescribeTasks', 'ListTasks', 'RunTask', 'StopTask'],
  codecommit: [
    'CreateRepository', 'DeleteRepository', 'GetBranch', 'GetCommit', 'GetRepository', 'ListBranches', 'ListRepositories',
    'ListTagsForResource', 'TagResource', 'UntagResource', 'UpdateRepositoryDescription', 'UpdateRepositoryName',
  ],
  codebuild: ['BatchGetBuilds', 'ListBuildsForProject', 'StartBuild', 'StopBuild'],
  'sagemaker-edge': ['GetDeployments', 'GetDeviceRegistration', 'SendHeartbeat'],
  greengrassv2: [
    'CancelDeployment', 'CreateComponentVersion', 'CreateDeployment', 'DeleteComponent', 'DeleteCoreDevice',
    'DeleteDeployment', 'DescribeComponent', 'GetComponent', 'GetCoreDevice', 'GetDeployment', 'ListComponentVersions',
    'ListComponents', 'ListCoreDevices', 'ListDeployments', 'ListEffectiveDeployments', 'ListInstalledComponents',
    'ListTagsForResource', 'TagResource', 'UntagResource',
  ],
  iot: [
    'AddThingToThingGroup', 'AttachPolicy', 'AttachThingPrincipal', 'CreateCertificateFromCsr',
    'CreateKeysAndCertificate', 'CreatePolicy', 'CreateRoleAlias', 'CreateThing', 'CreateThingGroup', 'CreateThingType',
    'DeleteCertificate', 'DeletePolicy', 'DeleteRoleAlias', 'DeleteThing', 'DeleteThingGroup', 'DeleteThingType',
    'DescribeCertificate', 'DescribeEndpoint', 'DescribeRoleAlias', 'DescribeThing', 'DescribeThingGroup',
    'DetachPolicy', 'DetachThingPrincipal', 'GetPolicy', 'ListAttachedPolicies', 'ListCertificates', 'ListPolicies',
    'ListRoleAliases', 'ListTagsForResource', 'ListThingGroups', 'ListThingGroupsForThing', 'ListThingPrincipals',
    'ListThingTypes', 'ListThings', 'ListThingsInThingGroup', 'RemoveThingFromThingGroup', 'TagResource',
    'UntagResource', 'UpdateCertificate', 'UpdateRoleAlias', 'UpdateThing',
  ],
};

/** What the reader in local/service knows of a shape and of a member. Documentation and deprecations are left out. */
const SHAPE = ['type', 'required', 'members', 'member', 'key', 'value', 'min', 'max', 'pattern', 'enum', 'payload'];
const MEMBER = ['shape', 'location', 'locationName'];
const SILENT = ['documentation', 'box', 'deprecated', 'deprecatedMessage', 'deprecatedSince', 'sensitive', 'idempotencyToken', 'union'];

type Properties = Readonly<Record<string, unknown>>;
interface Reference { readonly shape: string }
interface Shape extends Properties {
  readonly members?: Readonly<Record<string, Reference & Properties>>;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
}
interface Operation {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: Reference;
}
interface Model {
  readonly metadata: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** File name and content of each reduced model. */
export function serviceModels(venv: string): Map<string, string> {
  return new Map(Object.entries(IN_USE).map(([name, inUse]) => [`${name}.json`, reduced(readModel(venv, name), inUse)]));
}

export function modelFolder(): string {
  return path.resolve('local', 'service', 'models');
}

function reduced({ metadata, operations, shapes }: Model, inUse: readonly string[]): string {
  const { serviceId, apiVersion, protocol, signingName, endpointPrefix, targetPrefix } = metadata;
  const unknown = inUse.filter((name) => operations[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(`${serviceId ?? ''} has no ${unknown.join(', ')}`);
  }
  const isRest = protocol === 'rest-json';
  const kept = Object.entries(operations).filter(([name]) => isRest || inUse.includes(name)).map(([name, { http, input }]) => [name, {
    ...isRest ? { method: http.method, uri: http.requestUri, ...statusOf(http) } : {},
    ...inUse.includes(name) ? { input: input?.shape } : {},
  }] as const);
  const needed = new Map<string, object>();
  for (const name of inUse) {
    collect(shapes, operations[name]?.input?.shape, needed);
  }
  const header = {
    serviceId,
    apiVersion,
    protocol,
    signingName: signingName ?? endpointPrefix,
    ...targetPrefix === undefined ? {} : { targetPrefix },
  };
  return [
    '{',
    ...Object.entries(header).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`),
    `  "operations": {\n${lines(kept)}\n  },`,
    `  "shapes": {\n${lines([...needed])}\n  }`,
    '}\n',
  ].join('\n');
}

/** The status of a success, where it is not 200. */
function statusOf({ responseCode = 200 }: Operation['http']): { readonly status?: number } {
  return responseCode === 200 ? {} : { status: responseCode };
}

function collect(shapes: Model['shapes'], name: string | undefined, into: Map<string, object>): void {
  if (name === undefined || into.has(name)) {
    return;
  }
  const shape = shapes[name];
  if (!shape) {
    throw new Error(`the model has no shape ${name}`);
  }
  const given = shape.members && Object.entries(shape.members);
  const members = given && Object.fromEntries(given.map(([key, member]) => [key, picked(member, MEMBER, `${name}.${key}`)]));
  const union = shape.union === true && given ? { oneOf: [given.map(([key]) => key)] } : {};
  const references: (Reference | undefined)[] = [...Object.values<Reference>(shape.members ?? {}), shape.member, shape.key, shape.value];
  into.set(name, { ...picked(shape, SHAPE, name), ...members ? { members } : {}, ...union });
  for (const reference of references) {
    collect(shapes, reference?.shape, into);
  }
}

/** A property that the reader does not know would be a rule that nobody follows. */
function picked(properties: Properties, known: readonly string[], where: string): Properties {
  const strange = Object.keys(properties).filter((key) => !known.includes(key) && !SILENT.includes(key));
  if (strange.length > 0) {
    throw new Error(`local/service does not know ${strange.join(', ')} of ${where}`);
  }
  const kept = Object.entries(properties).filter(([key]) => known.includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, isReference(value) ? { shape: value.shape } : value]));
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'shape' in value;
}

/** An entry a line, in the order of the names, so that a change reads as such. */
function lines(entries: readonly (readonly [string, object])[]): string {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, entry]) => `    ${JSON.stringify(name)}: ${JSON.stringify(entry)}`).join(',\n');
}

function readModel(venv: string, name: string): Model {
  const library = path.join(venv, 'lib');
  const [python = ''] = fs.readdirSync(library);
  const versions = path.join(library, python, 'site-packages', 'botocore', 'data', name);
  const newest = fs.readdirSync(versions).sort().at(-1) ?? '';
  return JSON.parse(gunzipSync(fs.readFileSync(path.join(versions, newest, 'service-2.json.gz'))).toString('utf8')) as Model;
}

if (require.main === module) {
  for (const [file, content] of serviceModels(path.resolve('.local', 'venv'))) {
    fs.writeFileSync(path.join(modelFolder(), file), content);
  }
}
