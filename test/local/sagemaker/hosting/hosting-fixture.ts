import {
  CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand, DescribeEndpointCommand, type CreateEndpointConfigCommandInput,
  type CreateModelCommandInput, type DescribeEndpointCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient, type InvokeEndpointCommandInput } from '@aws-sdk/client-sagemaker-runtime';
import type { HostingOptions, MetricDatum, Pause } from '../../../../local/sagemaker/hosting/contracts';
import { startSageMakerStandIn } from '../../../../local/sagemaker/server';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { RequestLogEntry } from '../../../../local/service/contracts';
import { ACCOUNT, CONTROL, FakeAuthority, FakeStorage, HANDLER_KEY, REGION, ROLE, ROOT_KEY, SECRET } from '../fakes';
import { addModel } from '../onnx-bytes';
import { until } from '../requests';

export const TRITON = `763104351884.dkr.ecr.${REGION}.amazonaws.com/sagemaker-tritonserver:24.09-py3`;
export const CONFIGURATION = Buffer.from('name: "adder"\nbackend: "onnxruntime"\nmax_batch_size: 0\n');
export const ADD = kserve([1, 2], [3, 4]);

/** A request for `addModel([2])`. */
export function kserve(a: readonly unknown[], b: readonly unknown[]): string {
  const input = (name: string, data: readonly unknown[]) => ({ name, shape: [data.length], datatype: 'FP32', data });
  return JSON.stringify({ inputs: [input('a', a), input('b', b)] });
}

/** Holds endpoints in the states that pass, so that a busy machine sees them as well. */
export class Gate {
  private readonly waiting: (() => void)[] = [];
  private isClosed = false;

  public readonly pause: Pause = async () => {
    if (this.isClosed) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  };

  public close(): void {
    this.isClosed = true;
  }

  /** Lets the one go on that waits. The gate stays closed. */
  public async letOnePass(): Promise<void> {
    await until(() => Promise.resolve(this.waiting.length), (waiting) => waiting > 0);
    this.waiting.shift()?.();
  }

  public open(): void {
    this.isClosed = false;
    for (const goOn of this.waiting.splice(0)) {
      goOn();
    }
  }
}

export type HostingFixture = Awaited<ReturnType<typeof startHosting>>;

/** A running stand-in with its models in `s3://models`, and clients of root and of the handler. */
export async function startHosting(hosting: HostingOptions = {}) {
  const authority = new FakeAuthority();
  const gate = new Gate();
  const storage = new FakeStorage();
  const log: RequestLogEntry[] = [];
  const published: { readonly namespace: string; readonly datum: MetricDatum }[] = [];
  const lines: { readonly group: string; readonly stream: string; readonly line: string }[] = [];
  const standIn = await startSageMakerStandIn({
    region: REGION, account: ACCOUNT, partition: 'aws', authority, storage, controlToken: 'token-of-the-test',
    log: { append: (entry) => { log.push(entry); } },
    hosting: {
      pause: gate.pause,
      metricSink: {
        put: (namespace, data) => {
          published.push(...data.map((datum) => ({ namespace, datum })));
          return Promise.resolve();
        },
      },
      logSink: {
        write: (group, stream, added) => {
          lines.push(...added.map((line) => ({ group, stream, line })));
          return Promise.resolve();
        },
      },
      ...hosting,
    },
  });
  await storage.putArchive('adder.tar.gz', { 'adder/config.pbtxt': CONFIGURATION, 'adder/1/model.onnx': addModel([2]) });
  const config = (accessKeyId: string, endpoint: string) => (
    { region: REGION, endpoint, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: SECRET } }
  );
  const root = new SageMakerClient(config(ROOT_KEY, standIn.url));
  const handler = new SageMakerClient(config(HANDLER_KEY, standIn.url));
  const runtime = new SageMakerRuntimeClient(config(HANDLER_KEY, standIn.runtimeUrl));
  const control = async (what: string, body: object): Promise<Response> => fetch(
    `${standIn.url}/_stand-in/${what}`, { method: 'POST', headers: CONTROL, body: JSON.stringify(body) },
  );
  return {
    standIn, gate, authority, storage, log, published, lines, root, handler, runtime,
    fault: async (body: object) => control('faults', body),
    noFaults: async () => fetch(`${standIn.url}/_stand-in/faults`, { method: 'DELETE', headers: CONTROL }),
    capacity: async (body: object) => control('capacity', body),
    model: async (name: string, change: Partial<CreateModelCommandInput> = {}) => root.send(new CreateModelCommand({
      ModelName: name, ExecutionRoleArn: ROLE, PrimaryContainer: { Image: TRITON, ModelDataUrl: 's3://models/adder.tar.gz' }, ...change,
    })),
    configuration: async (name: string, model: string, change: Partial<CreateEndpointConfigCommandInput> = {}) => root.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name, ProductionVariants: [variant(model)], ...change,
      }),
    ),
    endpoint: async (name: string, configuration = name) => root.send(
      new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: configuration }),
    ),
    described: async (name: string) => root.send(new DescribeEndpointCommand({ EndpointName: name })),
    reached: async (name: string, status: string): Promise<DescribeEndpointCommandOutput> => until(
      async () => root.send(new DescribeEndpointCommand({ EndpointName: name })), ({ EndpointStatus }) => EndpointStatus === status,
    ),
    invoke: async (name: string, body: string | Uint8Array = ADD, change: Partial<InvokeEndpointCommandInput> = {}) => runtime.send(
      new InvokeEndpointCommand({ EndpointName: name, Body: body, ContentType: 'application/json', ...change }),
    ),
    close: async () => {
      gate.open();
      for (const client of [root, handler, runtime]) {
        client.destroy();
      }
      await standIn.close();
    },
  };
}

export function variant(model: string, name = 'AllTraffic', instances = 1) {
  return {
    VariantName: name, ModelName: model, InstanceType: 'ml.m5.xlarge' as const, InitialInstanceCount: instances,
    InitialVariantWeight: 1,
  };
}

type ConfigChange = Partial<CreateEndpointConfigCommandInput>;

/** An endpoint InService, with a model, a configuration and itself of one name. */
export async function serving(fixture: HostingFixture, name: string, change: ConfigChange = {}): Promise<void> {
  await fixture.model(name);
  await fixture.configuration(name, name, change);
  await fixture.endpoint(name);
  await fixture.reached(name, 'InService');
}

export function textOf(body: Uint8Array | undefined): string {
  return Buffer.from(body ?? []).toString('utf8');
}
