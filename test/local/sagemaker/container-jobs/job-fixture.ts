import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  CreateProcessingJobCommand, CreateTrainingJobCommand, DescribeProcessingJobCommand, DescribeTrainingJobCommand,
  type CreateProcessingJobCommandInput, type CreateTrainingJobCommandInput, type DescribeProcessingJobCommandOutput,
  type DescribeTrainingJobCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { JobDelays } from '../../../../local/sagemaker/contracts';
import { ROLE, startFixture, type Fixture } from '../fakes';
import { until } from '../requests';

export const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/jobs:1';
const OVER = ['Completed', 'Failed', 'Stopped'];

/** A stand-in whose jobs have logs, credentials and one image. */
export interface JobFixture {
  readonly fixture: Fixture;
  /** Where the jobs' folders are. */
  readonly folder: string;
  readonly logs: { readonly group: string; readonly stream: string; readonly line: string }[];
  readonly granted: { readonly session: string; readonly roleArn: string }[];
  readonly revoked: string[];
  close(): Promise<void>;
}

export async function startJobFixture(delays: JobDelays = { startingMs: 10, runningMs: 10 }): Promise<JobFixture> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobs-'));
  const logs: JobFixture['logs'] = [];
  const granted: JobFixture['granted'] = [];
  const revoked: string[] = [];
  const fixture = await startFixture(delays, undefined, {
    folder,
    environment: (image) => Promise.resolve(image === IMAGE ? { PATH: process.env.PATH, FROM_IMAGE: 'yes' } : undefined),
    logSink: {
      write: (group, stream, lines) => {
        logs.push(...lines.map((line) => ({ group, stream, line })));
        return Promise.resolve();
      },
    },
    credentials: {
      grant: (session, roleArn) => {
        granted.push({ session, roleArn });
        return { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/', AWS_CONTAINER_AUTHORIZATION_TOKEN: `token-${session}` };
      },
      revoke: (session) => {
        revoked.push(session);
        return Promise.resolve();
      },
    },
  });
  return {
    fixture, folder, logs, granted, revoked,
    close: async () => {
      await fixture.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A request that the service takes: its program is a script of the shell. */
export function processingRequest(
  name: string, script = 'true', change: Partial<CreateProcessingJobCommandInput> = {},
): CreateProcessingJobCommandInput {
  return {
    ProcessingJobName: name, RoleArn: ROLE,
    AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ['/bin/sh', '-c', script] },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 1 } },
    ...change,
  };
}

/** A request that the service takes: its program is a script of the shell. */
export function trainingRequest(
  name: string, script = 'true', change: Partial<CreateTrainingJobCommandInput> = {},
): CreateTrainingJobCommandInput {
  return {
    TrainingJobName: name, RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File', ContainerEntrypoint: ['/bin/sh', '-c', script] },
    OutputDataConfig: { S3OutputPath: 's3://output/trained' },
    ResourceConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 900 },
    ...change,
  };
}

export async function processed({ root }: Fixture, input: CreateProcessingJobCommandInput): Promise<DescribeProcessingJobCommandOutput> {
  await root.send(new CreateProcessingJobCommand(input));
  return processingEnd(root, input.ProcessingJobName ?? '');
}

export async function processingEnd(root: Fixture['root'], name: string): Promise<DescribeProcessingJobCommandOutput> {
  return until(
    () => root.send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
    ({ ProcessingJobStatus = '' }) => OVER.includes(ProcessingJobStatus),
  );
}

export async function trained({ root }: Fixture, input: CreateTrainingJobCommandInput): Promise<DescribeTrainingJobCommandOutput> {
  await root.send(new CreateTrainingJobCommand(input));
  return trainingEnd(root, input.TrainingJobName ?? '');
}

export async function trainingEnd(root: Fixture['root'], name: string): Promise<DescribeTrainingJobCommandOutput> {
  return until(
    () => root.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    ({ TrainingJobStatus = '' }) => OVER.includes(TrainingJobStatus),
  );
}
