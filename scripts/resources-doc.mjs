// Writes docs/resources.md from the synthesized sample: each resource, its removal policy and cost, each IAM statement
// with its reason. With --check it compares instead, and fails when the page is stale. A statement or a type that has
// no reason or cost in scripts/resource-notes.mjs fails too, and so does a note that nothing uses.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COSTS, REASONS } from './resource-notes.mjs';

const PAGE = 'docs/resources.md';
const DELIVERIES = process.env.DELIVERIES?.split(' ') ?? ['direct', 'edge-manager', 'greengrass'];
const unused = { reasons: new Set(Object.keys(REASONS)), costs: new Set(Object.keys(COSTS)) };
const missing = new Set();

function synthesize(delivery) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-docs-'));
  try {
    const run = spawnSync('node_modules/.bin/tsx', ['bin/sample.ts'], {
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ delivery, deviceCount: 1, 'aws:cdk:enable-path-metadata': true }), CDK_VALIDATION: 'false' },
    });
    if (run.status !== 0) { throw new Error(`synth of delivery=${delivery} failed:\n${run.stderr}`); }
    const file = readdirSync(folder).find((name) => name.endsWith('.template.json'));
    return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const constructPath = (resource) => resource.Metadata?.['aws:cdk:path']?.replace(/^EdgeSample\//, '').replace(/\/Resource$/, '') ?? '';

/** An intrinsic as a person reads it: `<path>` for a resource, `${…}` for a pseudo parameter. */
function show(value, resources) {
  if (Array.isArray(value)) { return value.map((item) => show(item, resources)).join(', '); }
  if (typeof value !== 'object' || value === null) { return String(value); }
  const [[name, argument]] = Object.entries(value);
  const resource = (id) => id in resources ? `<${constructPath(resources[id])}>` : `\${${id}}`;
  if (name === 'Ref') { return resource(argument); }
  if (name === 'Fn::GetAtt') { return argument[1] === 'Arn' ? resource(argument[0]) : `${resource(argument[0])}.${argument[1]}`; }
  if (name === 'Fn::Join') { return argument[1].map((item) => show(item, resources)).join(argument[0]); }
  if (name === 'Fn::Sub') { return String(Array.isArray(argument) ? argument[0] : argument).replace(/[0-9a-f]{64}/g, '<hash>'); }
  return JSON.stringify(value);
}

const list = (value) => (Array.isArray(value) ? value : [value]);

function statementsOf(resource) {
  const { PolicyDocument, AssumeRolePolicyDocument, Policies = [] } = resource.Properties ?? {};
  const inline = Policies.map((policy) => policy.PolicyDocument);
  return [PolicyDocument, AssumeRolePolicyDocument, ...inline].filter(Boolean).flatMap((document) => document.Statement ?? []);
}

function reasonOf(statement) {
  const key = `${statement.Effect === 'Deny' ? 'Deny ' : ''}${[...list(statement.Action)].sort().join(' ')}`;
  unused.reasons.delete(key);
  if (!(key in REASONS)) { missing.add(`a reason for '${key}'`); }
  return REASONS[key] ?? '';
}

function costOf(type) {
  unused.costs.delete(type);
  if (!(type in COSTS)) { missing.add(`a cost for '${type}'`); }
  return COSTS[type] ?? '';
}

// Digests, and the last part of a component's version, change with the content.
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replace(/[0-9a-f]{64}/g, '<hash>').replace(/(?<=\/\d+\.\d+\.)\d+(?=\/)/g, '<hash>');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;

function sectionOf(delivery) {
  const { Resources: resources } = synthesize(delivery);
  const entries = Object.values(resources).map((resource) => ({ resource, path: constructPath(resource) })).sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = [`## delivery=${delivery}, one device: ${entries.length} resources`, '', row('construct', 'type', 'when it leaves the stack', 'cost'), '|---|---|---|---|'];
  for (const { resource, path: place } of entries) {
    lines.push(row(place, resource.Type, resource.DeletionPolicy === 'Retain' ? 'kept' : 'deleted', costOf(resource.Type)));
  }
  lines.push('', `### IAM and resource policies of delivery=${delivery}`, '', row('policy or role', 'who or what', 'actions', 'on', 'condition', 'why'), '|---|---|---|---|---|---|');
  for (const { resource, path: place } of entries) {
    for (const managed of resource.Properties?.ManagedPolicyArns ?? []) {
      const name = show(managed, resources).split('/').pop();
      lines.push(row(place, 'managed policy', name, '', '', reasonOf({ Action: `managed ${name}` })));
    }
    for (const statement of statementsOf(resource)) {
      const principal = statement.Principal === undefined ? '' : typeof statement.Principal === 'string' ? statement.Principal : Object.values(statement.Principal).map((value) => show(value, resources)).join(', ');
      const condition = statement.Condition === undefined ? '' : Object.entries(statement.Condition).map(([operator, keys]) => Object.entries(keys).map(([key, value]) => `${operator} ${key} ${show(value, resources)}`)).flat().join('; ');
      lines.push(row(place, `${statement.Effect === 'Deny' ? 'deny ' : ''}${principal}`, list(statement.Action).join(', '), statement.Resource === undefined ? '' : show(list(statement.Resource), resources), condition, reasonOf(statement)));
    }
  }
  return lines.join('\n');
}

const page = `${[
  '# What the sample makes',
  '',
  'For reviews of infrastructure. Generated from the synthesized sample by `npm run docs`; CI fails when it is stale.',
  'Resources are named by their construct\'s path; `<path>` in a policy is that resource\'s ARN, name or attribute.',
  '',
  DELIVERIES.map(sectionOf).join('\n\n'),
].join('\n')}\n`;

const idle = [...[...unused.reasons].map((key) => `the reason for '${key}'`), ...[...unused.costs].map((key) => `the cost of '${key}'`)];
if (missing.size > 0 || idle.length > 0) {
  console.error(`scripts/resource-notes.mjs lacks ${[...missing].join(', ') || 'nothing'}; unused there: ${idle.join(', ') || 'nothing'}`);
  process.exit(1);
}
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readFileSync(PAGE, 'utf8') !== page) {
  console.error(`${PAGE} is stale: run npm run docs and commit it`);
  process.exit(1);
}
