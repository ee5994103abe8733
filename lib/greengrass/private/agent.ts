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

/**
 * The lifecycle of the agent's component for nucleus classic: a step that goes on as the supervisor of the agent. It reports RUNNING
 * when the agent serves; until then its time limit counts. After that the nucleus starts the component again where the step ends with
 * another code than 0, or by a signal. Paths name exact versions, so that they need no variables that nucleus lite does not have.
 */
export function classicLifecycle(options: AgentLifecycleOptions): Record<string, unknown> {
  return {
    Setenv: environment(options),
    startup: { Script: `exec ${launch('start.sh')}`, Timeout: options.startSeconds + START_MARGIN + STOP_TIMEOUT },
    shutdown: { Script: launch('stop.sh'), Timeout: STOP_TIMEOUT },
  };
}

/**
 * The lifecycle for nucleus lite, which stops the version before once `install` has succeeded, and does not roll back: so that step is
 * the one that tries the models. `startup` does not end, since lite ends what a script leaves behind: it tells systemd that it is
 * ready, and is watched. Each version has both steps: lite runs a left-over install step of the version before.
 */
export function liteLifecycle(options: AgentLifecycleOptions): Record<string, unknown> {
  const timeout = options.startSeconds + START_MARGIN;
  return {
    Setenv: environment(options),
    install: { Script: launch('check.sh'), Timeout: timeout },
    startup: { Script: `exec ${launch('start.sh')}`, Timeout: timeout },
  };
}

function environment({ models, releasePath, socketPath, startSeconds }: AgentLifecycleOptions): Record<string, string> {
  return {
    EDGE_AGENT_CONFIG: '{configuration:/agent}',
    EDGE_AGENT_NODE: '{configuration:/node}',
    EDGE_AGENT_RELEASE: `{kernel:rootPath}/${releasePath}`,
    EDGE_AGENT_MODELS: models.map(({ modelName, packagePath }) => `${modelName}={kernel:rootPath}/${packagePath}`).join('|'),
    EDGE_AGENT_SOCKET: socketPath,
    EDGE_AGENT_START_SECONDS: String(startSeconds),
  };
}

function launch(script: string): string {
  return `sh "{artifacts:decompressedPath}/launcher/${script}"`;
}
