import { fillPlaceholders } from '../../lib/private/placeholders';
import type { DevicePaths } from './paths';
import unit from './sagemaker-edge-agent@.service';

export const AGENT_UNIT = 'sagemaker-edge-agent@';

export interface AgentUnitOptions {
  readonly paths: Pick<DevicePaths, 'generations' | 'data' | 'run'>;
  /** Absolute path of Node. */
  readonly node: string;
  readonly user: string;
}

/**
 * The agent's unit, an instance of which is a generation. The agent needs the network, its folder and its socket:
 * nothing else of the machine. Without a route to the instance metadata it cannot take the machine's own rights for
 * its certificate's. After five starts in five minutes systemd gives up, and the bootstrap starts it again when that
 * time is over (systemd 252, which Amazon Linux 2023 has, knows no growing pauses).
 */
export function agentUnit({ paths, node, user }: AgentUnitOptions): string {
  return fillPlaceholders('sagemaker-edge-agent@.service', unit, {
    NODE: node, USER: user, GENERATIONS: paths.generations, DATA: paths.data, RUN: paths.run,
  });
}
