import type {
  CreateCompilationJobCommandInput, DescribeCompilationJobCommandOutput, DescribeEdgePackagingJobCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { CreateCompilationJobCommand, DescribeCompilationJobCommand, DescribeEdgePackagingJobCommand } from '@aws-sdk/client-sagemaker';

import type { Fixture } from './fakes';
import { ROLE } from './fakes';
import { addModel } from './onnx-bytes';

const OVER = ['COMPLETED', 'FAILED', 'STOPPED'];

/** A request that the service takes; each test changes what it is about. */
export function compilationRequest(name: string, change: Partial<CreateCompilationJobCommandInput> = {}): CreateCompilationJobCommandInput {
  return {
    CompilationJobName: name, RoleArn: ROLE,
    InputConfig: { S3Uri: 's3://models/add.tar.gz', Framework: 'ONNX', DataInputConfig: '{"a":[2,2],"b":[2,2]}' },
    OutputConfig: { S3OutputLocation: `s3://output/${name}`, TargetPlatform: { Os: 'LINUX', Arch: 'X86_64' } },
    StoppingCondition: { MaxRuntimeInSeconds: 900 }, ...change,
  };
}

/** Puts the model of `compilationRequest` where it is looked for. */
export async function putAddModel({ storage }: Fixture): Promise<void> {
  await storage.putArchive('add.tar.gz', { 'model.onnx': addModel([2, 2]) });
}

export async function compiled(fixture: Fixture, input: CreateCompilationJobCommandInput): Promise<DescribeCompilationJobCommandOutput> {
  await fixture.root.send(new CreateCompilationJobCommand(input));
  return compilationEnd(fixture, input.CompilationJobName ?? '');
}

export async function compilationEnd(fixture: Fixture, name: string): Promise<DescribeCompilationJobCommandOutput> {
  return until(
    () => fixture.root.send(new DescribeCompilationJobCommand({ CompilationJobName: name })),
    (job) => OVER.includes(job.CompilationJobStatus ?? ''),
  );
}

export async function packagingEnd(fixture: Fixture, name: string): Promise<DescribeEdgePackagingJobCommandOutput> {
  return until(
    () => fixture.root.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: name })),
    (job) => OVER.includes(job.EdgePackagingJobStatus ?? ''),
  );
}

/** Asks until the answer is what is waited for; jest's own time limit ends it otherwise. */
export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (done(answer)) {
      return answer;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** jest's matchers, typed so that they may stand anywhere. */
export const containing = (part: string): unknown => expect.stringContaining(part);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
