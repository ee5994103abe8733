import type { ControlAnswer } from '../service/door';
import { isRecord } from '../service/validator';
import type { CoreDeviceReport, DeploymentReport } from './contracts';
import type { GreengrassWorld } from './operations';

/** The data plane, as this stand-in has it: what devices ask for and tell. */
export async function answerDevice(world: GreengrassWorld, line: string, body: unknown): Promise<ControlAnswer> {
  const [, method, encoded] = /^(GET|POST) \/_stand-in\/devices\/([^/]+)\/deployments$/.exec(line) ?? [];
  const thing = encoded === undefined ? undefined : decodeURIComponent(encoded);
  if (thing !== undefined && method === 'GET') { return ok({ deployments: await world.deployments.pendingFor(thing) }); }
  if (thing !== undefined && isDeploymentReport(body)) {
    world.deployments.report(thing, body);
    return ok({});
  }
  if (line === 'POST /_stand-in/core-devices' && isCoreDeviceReport(body)) {
    world.reportCoreDevice(body);
    return ok({});
  }
  if (line === 'POST /_stand-in/recipe' && isRecord(body)) { return ok(recipe(world, body)); }
  return { status: 404, body: { message: 'devices/<thing>/deployments, core-devices or recipe' } };
}

function ok(body: object): ControlAnswer {
  return { status: 200, body };
}

/** What a device resolves a component to: its versions, or the recipe of one. */
function recipe({ components }: GreengrassWorld, { name, version }: Readonly<Record<string, unknown>>): object {
  if (typeof version === 'string') { return { recipe: components.find(String(name), version)?.recipe }; }
  return { versions: components.versions(String(name)).filter(({ state }) => state === 'DEPLOYABLE').map((component) => component.version) };
}

/** What a device sends is checked before it is kept. */
function isDeploymentReport(value: unknown): value is DeploymentReport {
  return isRecord(value) && typeof value.deploymentId === 'string' && ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'].includes(String(value.status));
}

function isCoreDeviceReport(value: unknown): value is CoreDeviceReport {
  return isRecord(value) && typeof value.coreDeviceThingName === 'string' && Array.isArray(value.components);
}
