import type {
  AddTagsCommandInput, CreateCompilationJobCommandInput, CreateEdgePackagingJobCommandInput, DeleteTagsCommandInput,
  DescribeCompilationJobCommandOutput, DescribeEdgePackagingJobCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Clock } from '../shared/resource-handler';

/** The parts of an answer that are read. Its status may be newer than the SDK, so it is any text. */
export interface CompilationJobDescription extends Pick<DescribeCompilationJobCommandOutput,
  'CompilationJobArn' | 'CompilationJobName' | 'CreationTime' | 'FailureReason' | 'InputConfig'
  | 'ModelArtifacts' | 'ModelDigests' | 'OutputConfig'> {
  readonly CompilationJobStatus: string | undefined;
}
export interface PackagingJobDescription extends Pick<DescribeEdgePackagingJobCommandOutput,
  'CompilationJobName' | 'CreationTime' | 'EdgePackagingJobArn' | 'EdgePackagingJobName' | 'EdgePackagingJobStatusMessage'
  | 'ModelArtifact' | 'ModelName' | 'ModelSignature' | 'ModelVersion' | 'OutputConfig'> {
  readonly PresetDeploymentOutput?: { readonly Status?: string; readonly StatusMessage?: string; readonly Artifact?: string };
  readonly EdgePackagingJobStatus: string | undefined;
}

/** Just the calls that compilation jobs need. */
export interface CompilationClient {
  createCompilationJob(input: CreateCompilationJobCommandInput): Promise<void>;
  describeCompilationJob(name: string): Promise<CompilationJobDescription>;
  stopCompilationJob(name: string): Promise<void>;
  deleteCompilationJob(name: string): Promise<void>;
  addTags(input: AddTagsCommandInput): Promise<void>;
  deleteTags(input: DeleteTagsCommandInput): Promise<void>;
}

/** Just the calls that packaging jobs need. The service has none that deletes one. */
export interface PackagingClient {
  createEdgePackagingJob(input: CreateEdgePackagingJobCommandInput): Promise<void>;
  describeEdgePackagingJob(name: string): Promise<PackagingJobDescription>;
  stopEdgePackagingJob(name: string): Promise<void>;
  addTags(input: AddTagsCommandInput): Promise<void>;
  deleteTags(input: DeleteTagsCommandInput): Promise<void>;
}

export interface JobsClient extends CompilationClient, PackagingClient {}

/** What CloudFormation is doing with a resource. */
export interface StackClient {
  /** The status of the resource, and when it took it. Another text means that CloudFormation has moved on. */
  resourcePhase(stackId: string, logicalId: string): Promise<string>;
}

/** What the handlers depend on. */
export interface Dependencies extends Clock {
  readonly jobs: JobsClient;
  readonly stacks: StackClient;
  /** Milliseconds until this invocation is cut off. */
  remaining(): number;
  /** Writes a line to the function's log as it is, without what `console` puts before it. */
  write(line: string): void;
}
