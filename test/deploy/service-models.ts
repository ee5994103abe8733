import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TestCloud } from './harness';

/** AWS's published models, which come with the emulator as part of botocore; by the names of the request log. */
const MODELS: Readonly<Record<string, string>> = { SageMaker: 'sagemaker', IoT: 'iot', GreengrassV2: 'greengrassv2' };

interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
}

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** What the services' models do not know of the calls that were answered: operations, members, values of enumerations; and required members that lack. */
export function strangeRequests(cloud: TestCloud): string[] {
  const models = new Map(Object.entries(MODELS).map(([service, name]) => [service, readModel(cloud, name)]));
  return [...new Set(cloud.requests().filter(({ status }) => status < 400).flatMap(({ service, operation, input }) => {
    const model = models.get(service);
    if (!model) { return []; }
    const known = model.operations[operation];
    return known ? strange(model, known.input?.shape ?? '', input, `${service} ${operation}`) : [`${service} has no ${operation}`];
  }))];
}

function strange({ shapes }: Model, name: string, value: unknown, where: string): string[] {
  const shape = shapes[name];
  if (!shape || value === undefined || value === null) { return []; }
  const inner = (child: string | undefined, item: unknown, at: string): string[] => strange({ shapes, operations: {} }, child ?? '', item, at);
  if (typeof value === 'string' && shape.enum?.includes(value) === false) { return [`${where}: no ${value} in ${name}`]; }
  if (Array.isArray(value)) { return value.flatMap((item) => inner(shape.member?.shape, item, `${where}[]`)); }
  if (typeof value !== 'object') { return []; }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (shape.type === 'map') { return entries.flatMap(([, item]) => inner(shape.value?.shape, item, `${where}{}`)); }
  if (shape.type !== 'structure') { return []; }
  const given = new Set(entries.map(([key]) => key));
  const missing = (shape.required ?? []).filter((key) => !given.has(key)).map((key) => `${where} lacks ${key}`);
  return [...missing, ...entries.flatMap(([key, item]) => {
    const member = shape.members?.[key];
    return member ? inner(member.shape, item, `${where}.${key}`) : [`${where} has no ${key}`];
  })];
}

function readModel({ cloud: { folder } }: TestCloud, name: string): Model {
  const library = path.join(folder.venv, 'lib');
  const [python = ''] = fs.readdirSync(library);
  const versions = path.join(library, python, 'site-packages', 'botocore', 'data', name);
  const newest = fs.readdirSync(versions).sort().at(-1) ?? '';
  return JSON.parse(gunzipSync(fs.readFileSync(path.join(versions, newest, 'service-2.json.gz'))).toString('utf8')) as Model;
}
