import type { IModelComponent } from '../model-component';

/** Seconds between the time limits of the start script and of the nucleus: time for the script to stop what it started. */
export const START_MARGIN = 30;
/** Seconds. The agent uploads its captures before it ends. */
const STOP_TIMEOUT = 45;

/** What the start script needs. */
export interface AgentLifecycleOptions {
  readonly models: readonly IModelComponent[];
  readonly releasePath: string;
  readonly socketPath: string;
  readonly startSeconds: number;
}

/** The lifecycle of the agent's component. Paths name exact versions, so that they need no variables that nucleus lite does not have. */
export function agentLifecycle({ models, releasePath, socketPath, startSeconds }: AgentLifecycleOptions): Record<string, unknown> {
  return {
    Setenv: {
      EDGE_AGENT_CONFIG: '{configuration:/agent}',
      EDGE_AGENT_NODE: '{configuration:/node}',
      EDGE_AGENT_RELEASE: `{kernel:rootPath}/${releasePath}`,
      EDGE_AGENT_MODELS: models.map(({ modelName, packagePath }) => `${modelName}={kernel:rootPath}/${packagePath}`).join('|'),
      EDGE_AGENT_SOCKET: socketPath,
      EDGE_AGENT_START_SECONDS: String(startSeconds),
    },
    startup: { Script: 'sh "{artifacts:decompressedPath}/launcher/start.sh"', Timeout: startSeconds + START_MARGIN + STOP_TIMEOUT },
    shutdown: { Script: 'sh "{artifacts:decompressedPath}/launcher/stop.sh"', Timeout: STOP_TIMEOUT },
  };
}
