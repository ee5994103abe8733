import { openDoor } from '../service/door';
import type { RunningServer } from '../service/http-server';
import { Service } from '../service/service';
import type { GreengrassStandInOptions } from './contracts';
import { answerDevice } from './control';
import { GreengrassState } from './operations';

/**
 * Starts a stand-in for Greengrass V2's control plane on 127.0.0.1: a test double, small and strict. The unmodified SDK works against it.
 *
 * - Component versions cannot be changed (ConflictException), are DEPLOYABLE only when each artifact could be read
 *   with the rights of whoever made them, and keep their digests. Recipes are refused as the nucleus's parser refuses
 *   them.
 * - A target has one latest deployment; a new one makes the one before INACTIVE. An ACTIVE one cannot be deleted.
 * - The signature is verified. IAM is asked for each action on its very resource, and for the job rights that the service
 *   needs of its caller.
 * - Each answered call goes to the log.
 *
 * Not modelled: Lambda components, subdeployments, client devices, rollout rates (every device is told at once) and the
 * data plane. A device asks and tells by calls with the cloud's control token instead:
 *
 * - `GET /_stand-in/devices/<thing>/deployments`
 * - `POST /_stand-in/devices/<thing>/deployments`
 * - `POST /_stand-in/core-devices`
 *
 * Decided here, as no document says it: CreateDeployment refuses a component version that is not DEPLOYABLE, and an
 * identical component version is a conflict.
 */
export async function startGreengrassStandIn(options: GreengrassStandInOptions): Promise<RunningServer> {
  const state = new GreengrassState(options);
  return openDoor({
    ...options, control: (line, body) => answerDevice(state, line, body),
    services: [new Service({ id: 'GreengrassV2', operations: () => state.operations, authority: options.authority })],
  });
}
