import { status, type handleUnaryCall } from '@grpc/grpc-js';
import { MODEL_NAME, MODEL_NAME_WANTED } from '../config/config';
import { parseCapture } from '../capture/record';
import { toFeeds, toMetadata, toProtocol } from '../runtime/tensors';
import { AgentError, invalidArgument, messageOf } from '../status';
import type { AutomaticCaptures } from '../capture/automatic';
import type { CaptureService } from '../capture/capture';
import type {
  AgentServer, CaptureDataRequest, CaptureDataResponse, DescribeModelResponse, GetCaptureDataStatusResponse, ListModelsResponse,
  LoadModelResponse, Model, PredictRequest, PredictResponse, UnLoadModelResponse,
} from '../generated/agent';
import type { Logger } from '../log';
import type { HealthReporter } from '../health/reporter';
import type { Metrics } from '../metrics';
import type { LoadedModel, ModelRegistry } from '../models/registry';

/** A status message travels in a header, which must stay small. */
const MAX_DETAILS = 2000;

export interface HandlerOptions {
  readonly registry: ModelRegistry;
  readonly captures: CaptureService;
  /** Undefined: only what clients ask for is captured. */
  readonly automatic: AutomaticCaptures | undefined;
  readonly metrics: Metrics;
  /** Undefined: the device reports to nobody. */
  readonly health: HealthReporter | undefined;
  readonly logger: Logger;
}

/** The seven calls. */
export class Handlers {
  /** Time of the latest prediction, by the model's local name. */
  public readonly latestInference = new Map<string, Date>();

  public constructor(private readonly options: HandlerOptions) {}

  public implementation(): AgentServer {
    return {
      predict: this.unary((request) => this.predict(request)),
      loadModel: this.unary(async ({ name, url }): Promise<LoadModelResponse> => {
        const model = await this.options.registry.load(name, url);
        return { model: describe(model) };
      }),
      unLoadModel: this.unary(async ({ name }): Promise<UnLoadModelResponse> => {
        await this.options.registry.unload(name);
        return {};
      }),
      listModels: this.unary((): ListModelsResponse => ({ models: this.options.registry.list().map(describe) })),
      describeModel: this.unary(({ name }): DescribeModelResponse => ({ model: describe(this.options.registry.get(name)) })),
      captureData: this.unary((request) => this.captureData(request)),
      getCaptureDataStatus: this.unary(({ captureId }): GetCaptureDataStatusResponse => ({
        status: this.options.captures.status(captureId),
      })),
    };
  }

  private async predict(request: PredictRequest): Promise<PredictResponse> {
    const model = this.options.registry.get(request.name);
    const started = performance.now();
    try {
      const inputs = toFeeds(model.worker.inputs, request.tensors);
      const { outputs, features } = await model.worker.predict(inputs);
      const milliseconds = performance.now() - started;
      this.options.metrics.predicted(model.name, milliseconds);
      this.options.health?.predicted(model.package, milliseconds, features);
      this.latestInference.set(model.name, new Date());
      this.options.automatic?.predicted(model.package, { inputs, outputs, features });
      return { tensors: outputs.map(toProtocol) };
    } catch (error) {
      this.options.metrics.failed(model.name);
      this.options.health?.failed(model.package, status[error instanceof AgentError ? error.code : status.INTERNAL]);
      throw error;
    }
  }

  private async captureData(request: CaptureDataRequest): Promise<CaptureDataResponse> {
    const name = request.modelName;
    if (!MODEL_NAME.test(name)) {
      throw invalidArgument(`model_name: wanted ${MODEL_NAME_WANTED}, got ${JSON.stringify(name.slice(0, 300))}`);
    }
    // A model may be unloaded before its last captures arrive: then only the local name is known.
    const loaded = this.options.registry.find(name)?.package;
    await this.options.captures.accept(parseCapture(request, { name: loaded?.modelName ?? name, version: loaded?.modelVersion ?? '' }));
    return {};
  }

  private unary<Request, Response>(handle: (request: Request) => Response | Promise<Response>): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const run = async (): Promise<Response> => handle(call.request);
      run().then(
        (response) => { callback(null, response); },
        (error: unknown) => { callback(this.toStatus(call.getPath(), error)); },
      );
    };
  }

  private toStatus(path: string, error: unknown): { code: status; details: string } {
    const known = error instanceof AgentError;
    const details = messageOf(error).slice(0, MAX_DETAILS);
    const code = known ? error.code : status.INTERNAL;
    this.options.logger[known ? 'debug' : 'error']('a call failed', { call: path, code: status[code], details });
    return { code, details };
  }
}

function describe(model: LoadedModel): Model {
  return {
    url: model.url, name: model.name,
    // A client that copies the list into its request gives each input that it names.
    inputTensorMetadatas: model.worker.inputs.filter((input) => input.optional !== true).map(toMetadata),
    outputTensorMetadatas: model.worker.outputs.map(toMetadata),
  };
}
