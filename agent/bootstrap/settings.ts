import * as path from 'node:path';

/** Settings that are fixed when the machine is made. All others are in the manifest. */
export interface Settings {
  readonly bucket: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  readonly instanceId: string;
  readonly root: string;
  readonly run: string;
  /** The user that the agent runs as under systemd. Without one, agents are plain child processes. */
  readonly agentUser?: string;
  /** How often the manifest is looked at. */
  readonly pollMs: number;
  /** A file with another root certificate for the credential endpoint. */
  readonly rootCaFile?: string;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const wanted = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new Error(`the environment variable ${name} must be set`);
    }
    return value;
  };
  const { EDGE_AGENT_USER: agentUser, EDGE_ROOT_CA_FILE: rootCaFile, EDGE_POLL_SECONDS: poll = '5' } = environment;
  if (!/^[1-9]\d{0,2}$/.test(poll)) {
    throw new Error(`EDGE_POLL_SECONDS must be a whole number from 1 to 999, got '${poll}'`);
  }
  return {
    bucket: wanted('EDGE_BUCKET'), manifestKey: wanted('EDGE_MANIFEST_KEY'), reportKey: wanted('EDGE_REPORT_KEY'),
    instanceId: wanted('EDGE_INSTANCE_ID'),
    root: path.resolve(wanted('EDGE_ROOT')),
    run: path.resolve(wanted('EDGE_RUN')),
    pollMs: Number(poll) * 1000,
    ...agentUser === undefined ? {} : { agentUser }, ...rootCaFile === undefined ? {} : { rootCaFile },
  };
}
