import { createHash } from 'node:crypto';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeRoleAliasCommand, DescribeThingCommand, ListRoleAliasesCommand, ListThingPrincipalsCommand, ListThingsCommand,
} from '@aws-sdk/client-iot';
import { GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import {
  DescribeCompilationJobCommand, DescribeDeviceCommand, DescribeDeviceFleetCommand, DescribeEdgePackagingJobCommand,
  ListCompilationJobsCommand, ListDeviceFleetsCommand, ListDevicesCommand, ListEdgePackagingJobsCommand,
} from '@aws-sdk/client-sagemaker';
import type { Clients } from './clients';
import { demand, LocalProblem } from './problem';
import { reportGreengrass } from './report-greengrass';

/** What a deployment made, as the services themselves tell it. Throws if something is missing or cannot be read. */
export async function report(clients: Clients, stack: string, delivery: string): Promise<string[]> {
  const own = await reportDelivery(clients, delivery);
  return [...own, ...await things(clients), ...await aliases(clients), ...await outputs(clients, stack, delivery)];
}

async function reportDelivery(clients: Clients, delivery: string): Promise<string[]> {
  switch (delivery) {
    case 'edge-manager': return [...await jobs(clients), ...await fleets(clients)];
    case 'greengrass': return reportGreengrass(clients);
    default: return [];
  }
}

async function jobs(clients: Clients): Promise<string[]> {
  const { sageMaker } = clients;
  const lines: string[] = [];
  const { CompilationJobSummaries: compilations = [] } = await sageMaker.send(new ListCompilationJobsCommand({}));
  for (const { CompilationJobName } of compilations) {
    const job = await sageMaker.send(new DescribeCompilationJobCommand({ CompilationJobName }));
    demand(job.CompilationJobStatus === 'COMPLETED', `the compilation job ${CompilationJobName ?? ''} is ${job.CompilationJobStatus ?? 'unknown'}: ${job.FailureReason ?? ''}`);
    const [from, to] = [job.CompilationStartTime?.getTime() ?? 0, job.CompilationEndTime?.getTime() ?? 0];
    lines.push(
      `compilation job   ${CompilationJobName ?? ''}  COMPLETED in ${((to - from) / 1000).toFixed(1)} s`,
      `  artifact        ${await artifact(clients, job.ModelArtifacts?.S3ModelArtifacts)}`,
    );
  }
  const { EdgePackagingJobSummaries: packagings = [] } = await sageMaker.send(new ListEdgePackagingJobsCommand({
    SortBy: 'CREATION_TIME',
    SortOrder: 'Descending',
    MaxResults: 1,
  }));
  for (const { EdgePackagingJobName } of packagings) { // only the newest: no API deletes the records of older ones
    const job = await sageMaker.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName }));
    demand(job.EdgePackagingJobStatus === 'COMPLETED', `the packaging job ${EdgePackagingJobName ?? ''} is ${job.EdgePackagingJobStatus ?? 'unknown'}: ${job.EdgePackagingJobStatusMessage ?? ''}`);
    lines.push(
      `packaging job     ${EdgePackagingJobName ?? ''}  COMPLETED, model ${job.ModelName ?? ''} ${job.ModelVersion ?? ''}`,
      `  package         ${await artifact(clients, job.ModelArtifact)}`,
    );
  }
  demand(compilations.length > 0 && packagings.length > 0, 'the SageMaker stand-in lists no compilation job or no packaging job');
  return lines;
}

async function fleets({ sageMaker }: Clients): Promise<string[]> {
  const lines: string[] = [];
  const { DeviceFleetSummaries: summaries = [] } = await sageMaker.send(new ListDeviceFleetsCommand({}));
  for (const { DeviceFleetName } of summaries) {
    const fleet = await sageMaker.send(new DescribeDeviceFleetCommand({ DeviceFleetName }));
    lines.push(`device fleet      ${DeviceFleetName ?? ''}  captures to ${fleet.OutputConfig?.S3OutputLocation ?? ''}`);
    const { DeviceSummaries: devices = [] } = await sageMaker.send(new ListDevicesCommand({ DeviceFleetName }));
    demand(devices.length > 0, `the fleet ${DeviceFleetName ?? ''} has no device`);
    for (const { DeviceName } of devices) {
      const device = await sageMaker.send(new DescribeDeviceCommand({ DeviceFleetName, DeviceName }));
      lines.push(`  device          ${DeviceName ?? ''}  thing ${device.IotThingName ?? 'none'}, registered ${device.RegistrationTime?.toISOString() ?? ''}`);
    }
  }
  demand(summaries.length > 0, 'the SageMaker stand-in lists no device fleet');
  return lines;
}

async function things({ iot }: Clients): Promise<string[]> {
  const { things: listed = [] } = await iot.send(new ListThingsCommand({}));
  demand(listed.length > 0, 'IoT lists no thing');
  return Promise.all(listed.map(async ({ thingName }) => {
    const thing = await iot.send(new DescribeThingCommand({ thingName }));
    const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
    return `thing             ${thingName ?? ''}  type ${thing.thingTypeName ?? 'none'}, ${principals.length === 1 ? '1 certificate' : `${principals.length} certificates`}`;
  }));
}

async function aliases({ iot }: Clients): Promise<string[]> {
  const { roleAliases = [] } = await iot.send(new ListRoleAliasesCommand({}));
  demand(roleAliases.length > 0, 'IoT lists no role alias');
  return Promise.all(roleAliases.map(async (roleAlias) => {
    const { roleAliasDescription: alias } = await iot.send(new DescribeRoleAliasCommand({ roleAlias }));
    return `role alias        ${roleAlias}  ${alias?.roleArn ?? ''}, credentials for ${alias?.credentialDurationSeconds ?? 0} s`;
  }));
}

/** The stack's own outputs, of which the buckets and the direct way's model are looked at. */
async function outputs(clients: Clients, stack: string, delivery: string): Promise<string[]> {
  const values = await stackOutputs(clients, stack);
  const captures = values.get('CaptureLocation');
  const lines = captures === undefined ? [] : [`capture bucket    ${await bucket(clients, captures)}`];
  return delivery === 'direct' ? [`model             ${await artifact(clients, values.get('ModelPackage'))}`, ...lines] : lines;
}

async function bucket({ s3 }: Clients, uri: string): Promise<string> {
  const { host } = new URL(uri);
  await s3.send(new HeadBucketCommand({ Bucket: host }));
  return `${host}  devices write below ${uri}`;
}

async function artifact({ s3 }: Clients, uri: string | undefined): Promise<string> {
  if (uri === undefined) {
    throw new LocalProblem('a finished job names no artifact');
  }
  const { host, pathname } = new URL(uri);
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: host, Key: decodeURIComponent(pathname.slice(1)) }));
  const content = await body?.transformToByteArray() ?? new Uint8Array();
  demand(content.length > 0, `${uri} is empty`);
  return `${uri}  ${content.length} bytes, SHA-256 ${createHash('sha256').update(content).digest('hex').slice(0, 16)}…, read back`;
}

export async function stackOutputs({ cloudFormation }: Clients, stack: string): Promise<Map<string, string>> {
  const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
  return new Map((found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** The outputs of a stack that are needed: throws for one that it has not. */
export async function demandOutputs(clients: Clients, stack: string): Promise<(name: string) => string> {
  const outputs = await stackOutputs(clients, stack);
  return (name) => {
    const text = outputs.get(name);
    if (text === undefined) {
      throw new LocalProblem(`the stack ${stack} has no output ${name}`);
    }
    return text;
  };
}
