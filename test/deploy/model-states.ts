import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeCompilationJobCommand, DescribeEdgePackagingJobCommand, ListCompilationJobsCommand, ListEdgePackagingJobsCommand,
} from '@aws-sdk/client-sagemaker';
import { sha256 } from '../../local/sagemaker/archive';
import type { TestCloud } from './harness';

/** The jobs as their service lists them. */
export interface Jobs {
  readonly compilations: Readonly<Record<string, string>>;
  readonly packagings: Readonly<Record<string, string>>;
}

/** Name and state of each job. */
export async function listJobs({ cloud: { clients: { sageMaker } } }: TestCloud): Promise<Jobs> {
  const { CompilationJobSummaries: compilations = [] } = await sageMaker.send(new ListCompilationJobsCommand({ MaxResults: 100 }));
  const { EdgePackagingJobSummaries: packagings = [] } = await sageMaker.send(new ListEdgePackagingJobsCommand({ MaxResults: 100 }));
  return {
    compilations: Object.fromEntries(compilations.map((job) => [job.CompilationJobName ?? '', job.CompilationJobStatus ?? ''])),
    packagings: Object.fromEntries(packagings.map((job) => [job.EdgePackagingJobName ?? '', job.EdgePackagingJobStatus ?? ''])),
  };
}

/** What a stack holds at a moment: its one compilation, the artifacts that its outputs name, and their digests. */
export interface ModelState {
  readonly compilationJobName: string;
  readonly compiled: string;
  readonly packaged: string;
  readonly compiledDigest: string;
  readonly packagedDigest: string;
}

/** Reads back, from the services, what the sample stack's outputs name. */
export async function readModelState(cloud: TestCloud, stack = 'EdgeSample'): Promise<ModelState> {
  const {
    CompilationJobName: compilationJobName = '', CompiledArtifact: compiled = '', ModelPackage: packaged = '',
  } = await cloud.outputs(stack);
  return {
    compilationJobName, compiled, packaged,
    compiledDigest: sha256(await download(cloud, compiled)),
    packagedDigest: sha256(await download(cloud, packaged)),
  };
}

/** The bytes of an `s3://` object. */
export async function download({ cloud: { clients: { s3 } } }: TestCloud, uri: string): Promise<Buffer> {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (!match) {
    throw new Error(`not an s3:// object: '${uri}'`);
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: match[1], Key: match[2] }));
  if (!Body) {
    throw new Error(`${uri} has no body`);
  }
  return Buffer.from(await Body.transformToByteArray());
}

export async function describeCompilation({ cloud: { clients: { sageMaker } } }: TestCloud, name: string) {
  return sageMaker.send(new DescribeCompilationJobCommand({ CompilationJobName: name }));
}

export async function describePackaging({ cloud: { clients: { sageMaker } } }: TestCloud, name: string) {
  return sageMaker.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: name }));
}
