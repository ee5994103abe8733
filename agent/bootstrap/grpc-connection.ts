import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { AgentClient } from '../generated/agent';
import { AgentRefusal, type AgentConnection } from './contracts';

const LIST_TIMEOUT_MS = 5_000;
const LOAD_TIMEOUT_MS = 120_000;

/** The agent's own protocol, over its socket. */
export function connectAgent(socket: string): AgentConnection {
  const client = new AgentClient(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0, 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000,
  });
  return {
    listModels: async () => {
      const { models } = await call<{ models: readonly { name: string }[] }>((done) => {
        client.listModels({}, new Metadata(), within(LIST_TIMEOUT_MS), done);
      });
      return models.map(({ name }) => name);
    },
    loadModel: async (name, folder) => {
      await call((done) => {
        client.loadModel({ name, url: folder }, new Metadata(), within(LOAD_TIMEOUT_MS), done);
      });
    },
    close: () => { client.close(); },
  };
}

type Callback<T> = (error: ServiceError | null, response: T) => void;

async function call<T>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(new AgentRefusal(status[error.code], error.details));
      }
    });
  });
}

function within(milliseconds: number): { deadline: number } {
  return { deadline: Date.now() + milliseconds };
}
