import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  AgentClient, AgentService, type CaptureDataRequest, type CaptureDataResponse, type DescribeModelResponse,
  type GetCaptureDataStatusResponse, type ListModelsResponse, type LoadModelResponse, type PredictResponse, type Tensor,
  type UnLoadModelResponse,
} from '../generated/agent';
import { encodeCaptureRequest, encodePredictRequest } from '../service/wire';

type Callback<Response> = (error: ServiceError | null, response?: Response) => void;

/** The agent's calls as promises. */
export class AgentCalls {
  private readonly client: AgentClient;

  /** `timeoutMs` is for each call. */
  public constructor(socketPath: string, private readonly timeoutMs: number) {
    this.client = new AgentClient(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1, 'grpc.enable_http_proxy': 0,
    });
  }

  public loadModel(name: string, url: string): Promise<LoadModelResponse> {
    return promised((callback) => this.client.loadModel({ name, url }, new Metadata(), this.options(), callback));
  }

  public unLoadModel(name: string): Promise<UnLoadModelResponse> {
    return promised((callback) => this.client.unLoadModel({ name }, new Metadata(), this.options(), callback));
  }

  public listModels(): Promise<ListModelsResponse> {
    return promised((callback) => this.client.listModels({}, new Metadata(), this.options(), callback));
  }

  public describeModel(name: string): Promise<DescribeModelResponse> {
    return promised((callback) => this.client.describeModel({ name }, new Metadata(), this.options(), callback));
  }

  public predict(name: string, tensors: Tensor[]): Promise<PredictResponse> {
    const { path, responseDeserialize: decode } = AgentService.predict;
    const request = { name, tensors };
    return promised((callback) => (
      this.client.makeUnaryRequest(path, encodePredictRequest, decode, request, new Metadata(), this.options(), callback)
    ));
  }

  public captureData(request: CaptureDataRequest): Promise<CaptureDataResponse> {
    const { path, responseDeserialize: decode } = AgentService.captureData;
    return promised((callback) => (
      this.client.makeUnaryRequest(path, encodeCaptureRequest, decode, request, new Metadata(), this.options(), callback)
    ));
  }

  public captureStatus(captureId: string): Promise<GetCaptureDataStatusResponse> {
    return promised((callback) => this.client.getCaptureDataStatus({ captureId }, new Metadata(), this.options(), callback));
  }

  public close(): void {
    this.client.close();
  }

  private options(): { deadline: number } {
    return { deadline: Date.now() + this.timeoutMs };
  }
}

function promised<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error !== null) {
        reject(error);
      } else if (response !== undefined) {
        resolve(response);
      }
    });
  });
}
