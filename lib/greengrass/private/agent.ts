import type { IModelComponent } from '../model-component';

/** Seconds between the start script's own limit and the nucleus's: the script stops what it started. */
export const START_MARGIN = 30;
/** Seconds: the agent sends its captures before it ends. */
const STOP_TIMEOUT = 45;

/** Where the start script finds things. */
export interface AgentLaunch {
  readonly models: readonly IModelComponent[];
  readonly releasePath: string;
  readonly socketPath: string;
  readonly startSeconds: number;
}

/** The steps of the agent's component. Paths name exact versions, and need none of the variables that nucleus lite does not have. */
export function agentLifecycle({ models, releasePath, socketPath, startSeconds }: AgentLaunch): Record<string, unknown> {
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
