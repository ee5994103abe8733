import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { errorText } from '../../service/errors';
import { isRecord } from '../../service/validator';
import type { ModelRequest, ModelReply, ModelTask } from './model-process';
import { BadInference, inputsByName, outputOf, tensorOf, type DeclaredInput } from './tensors';

/**
 * The process behind model-process.ts: what runs in an endpoint's container. It loads one ONNX model and answers
 * KServe's protocol (`{"inputs": […]}`), see https://github.com/kserve/kserve/blob/master/docs/predict-api/v2/required_api.md.
 */

const OPTIONS: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'all', executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 4,
};
const BAD_REQUEST = 400;

class ModelServer {
  private readonly inputs: readonly DeclaredInput[];

  private constructor(private readonly task: ModelTask, private readonly session: InferenceSession) {
    this.inputs = session.inputMetadata.flatMap((input) => (
      input.isTensor ? [{ name: input.name, type: input.type, shape: input.shape }] : []
    ));
  }

  public static async load(task: ModelTask): Promise<ModelServer> {
    return new ModelServer(task, await InferenceSession.create(task.modelFile, OPTIONS));
  }

  public async answer({ id, body }: ModelRequest): Promise<ModelReply> {
    const before = process.cpuUsage();
    const { status, text } = await this.infer(Buffer.from(body)).then((answer) => ({ status: 200, text: JSON.stringify(answer) }), refused);
    const { user, system } = process.cpuUsage(before);
    return { id, status, body: Buffer.from(text), cpuMs: (user + system) / 1000 };
  }

  private async infer(body: Buffer): Promise<object> {
    const request = parsed(body);
    const given = inputsByName(request);
    const { modelName, modelVersion } = this.task;
    const strange = [...given.keys()].find((name) => !this.inputs.some((input) => input.name === name));
    if (strange !== undefined) {
      throw new BadInference(`unexpected inference input '${strange}' for model '${modelName}'`);
    }
    if (given.size !== this.inputs.length) {
      throw new BadInference(`expected ${this.inputs.length} inputs but got ${given.size} inputs for model '${modelName}'`);
    }
    const feeds = Object.fromEntries(this.inputs.map((input) => [input.name, tensorOf(given.get(input.name) ?? {}, input, modelName)]));
    const results = await this.run(feeds, wantedOutputs(request));
    const id = isRecord(request) && typeof request.id === 'string' ? { id: request.id } : {};
    return {
      ...id, model_name: modelName, model_version: modelVersion,
      outputs: Object.entries(results).map(([name, tensor]) => outputOf(name, tensor)),
    };
  }

  private async run(feeds: Readonly<Record<string, Tensor>>, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    const strange = outputs.find((name) => !this.session.outputNames.includes(name));
    if (strange !== undefined) {
      throw new BadInference(`unexpected inference output '${strange}' for model '${this.task.modelName}'`);
    }
    const results = outputs.length === 0 ? await this.session.run(feeds) : await this.session.run(feeds, [...outputs]);
    return Object.fromEntries(Object.entries(results));
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new BadInference(`failed to parse the request JSON buffer: ${errorText(error)}`);
  }
}

function wantedOutputs(request: unknown): readonly string[] {
  const outputs = isRecord(request) && Array.isArray(request.outputs) ? request.outputs : [];
  return outputs.flatMap((output: unknown) => (isRecord(output) && typeof output.name === 'string' ? [output.name] : []));
}

/** Triton answers 400 to a request that it cannot serve, and to one at which its backend fails. */
function refused(error: unknown): { readonly status: number; readonly text: string } {
  const text = error instanceof BadInference ? error.message : `onnx runtime error: ${errorText(error)}`;
  return { status: BAD_REQUEST, text: JSON.stringify({ error: `[request id: <id_unknown>] ${text}` }) };
}

process.once('disconnect', () => { // whoever asked is gone
  process.exit(1);
});
process.once('message', (task: ModelTask) => {
  ModelServer.load(task).then((server) => {
    let turn: Promise<unknown> = Promise.resolve();
    process.on('message', (request: ModelRequest) => {
      turn = turn.then(async () => {
        process.send?.(await server.answer(request));
      });
    });
    process.send?.({ isLoaded: true });
  }, (error: unknown) => {
    process.send?.({ isLoaded: false, reason: errorText(error).replaceAll(task.modelFile, 'model.onnx') });
  });
});
