import { TOKEN_EXCHANGE, tokenExchangeRecipe } from '../nucleus/token-exchange';
import type { ControlAnswer } from '../service/door';
import { isRecord } from '../service/validator';
import type { CoreDeviceReport, DeploymentReport } from './contracts';
import type { GreengrassState } from './operations';

/** The data plane, as this stand-in has it: what devices ask for and tell. */
export async function answerDevice(state: GreengrassState, line: string, body: unknown): Promise<ControlAnswer> {
  const [, method, encoded] = /^(GET|POST) \/_stand-in\/devices\/([^/]+)\/deployments$/.exec(line) ?? [];
  const thing = encoded === undefined ? undefined : decodeURIComponent(encoded);
  if (thing !== undefined && method === 'GET') {
    return ok({ deployments: await state.deployments.pendingFor(thing) });
  }
  if (thing !== undefined && isDeploymentReport(body)) {
    state.deployments.report(thing, body);
    return ok({});
  }
  if (line === 'POST /_stand-in/core-devices' && isCoreDeviceReport(body)) {
    state.reportCoreDevice(body);
    return ok({});
  }
  if (line === 'POST /_stand-in/recipe' && isRecord(body)) {
    return ok(recipe(state, body));
  }
  return { status: 404, body: { message: 'devices/<thing>/deployments, core-devices or recipe' } };
}

/** Those that AWS has published. */
const TOKEN_EXCHANGE_VERSIONS = ['2.0.3', '2.0.2', '2.0.1', '2.0.0'];

function ok(body: object): ControlAnswer {
  return { status: 200, body };
}

/** What a device resolves a component to: its versions, or the recipe of one. */
function recipe({ components }: GreengrassState, { name, version }: Readonly<Record<string, unknown>>): object {
  if (name === TOKEN_EXCHANGE) {
    return typeof version === 'string' ? { recipe: tokenExchangeRecipe(version) } : { versions: TOKEN_EXCHANGE_VERSIONS };
  }
  if (typeof version === 'string') {
    return { recipe: components.find(String(name), version)?.recipe };
  }
  const deployable = components.versions(String(name)).filter(({ state }) => state === 'DEPLOYABLE');
  return { versions: deployable.map((component) => component.version) };
}

const STATUSES = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'];

/** What a device sends is checked before it is kept. */
function isDeploymentReport(value: unknown): value is DeploymentReport {
  return isRecord(value) && typeof value.deploymentId === 'string' && STATUSES.includes(String(value.status));
}

function isCoreDeviceReport(value: unknown): value is CoreDeviceReport {
  return isRecord(value) && typeof value.coreDeviceThingName === 'string' && Array.isArray(value.components);
}
