// Writes docs/resources.md from the synthesized sample and the example of a load test: each resource, its removal policy and
// cost, each IAM statement with its reason. With --check it compares instead, and fails when the page is stale. A statement or
// a type that has no reason or cost in scripts/resource-notes.ts fails too, and so does a note that nothing uses.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COSTS, REASONS } from './resource-notes';
import { constructPath, list, type Resource, type Resources, show, type Statement, statementsOf } from './template';

const PAGE = 'docs/resources.md';
const DELIVERIES = process.env.DELIVERIES?.split(' ') ?? ['direct', 'edge-manager', 'greengrass'];

/** Notes, and which of them are used and which are not there. */
class Notes {
  private readonly unused: Set<string>;
  private readonly missing = new Set<string>();

  public constructor(private readonly what: string, private readonly notes: Readonly<Record<string, string>>) {
    this.unused = new Set(Object.keys(notes));
  }

  public of(key: string): string {
    const note = this.notes[key];
    this.unused.delete(key);
    if (note === undefined) {
      this.missing.add(key);
    }
    return note ?? '';
  }

  /** What is wrong with the notes, in words. */
  public problems(): string[] {
    return [
      ...[...this.missing].map((key) => `the ${this.what} '${key}' is missing`),
      ...[...this.unused].map((key) => `the ${this.what} '${key}' is used by nothing`),
    ];
  }
}

const costs = new Notes('cost of', COSTS);
const reasons = new Notes('reason for', REASONS);

/** An app with one stack. */
interface Subject { readonly title: string; readonly app: string; readonly context: object }

const SUBJECTS: readonly Subject[] = [
  ...DELIVERIES.map((delivery) => ({ title: `delivery=${delivery}, one device`, app: 'bin/sample.ts', context: { delivery, deviceCount: 1 } })),
  { title: 'examples/load-test', app: 'examples/load-test/app.ts', context: {} },
];

function synthesize({ title, app, context: own }: Subject): Resources {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-docs-'));
  const context = JSON.stringify({ ...own, 'aws:cdk:enable-path-metadata': true });
  try {
    const run = spawnSync('node_modules/.bin/tsx', [app], {
      encoding: 'utf8', env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: context, CDK_VALIDATION: 'false' },
    });
    if (run.status !== 0) {
      throw new Error(`synth of ${title} failed:\n${run.stderr}`);
    }
    const file = readdirSync(folder).find((name) => name.endsWith('.template.json')) ?? 'no template';
    const template = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { Resources: Resources };
    return template.Resources;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Digests and derived versions change with the content. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
    .replace(/[0-9a-f]{64}/g, '<hash>')
    .replace(/(?<=\/)\d+\.\d+\.\d+(?=\/)/g, '<version>');
}

function row(...cells: string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

function principalOf({ Principal: principal }: Statement, resources: Resources): string {
  if (principal === undefined || typeof principal === 'string') {
    return principal ?? '';
  }
  return Object.values(principal).map((value) => show(value, resources)).join(', ');
}

function conditionOf({ Condition: condition = {} }: Statement, resources: Resources): string {
  const each = Object.entries(condition).flatMap(([operator, keys]) => Object.entries(keys)
    .map(([key, value]) => `${operator} ${key} ${show(value, resources)}`));
  return each.join('; ');
}

function statementRow(place: string, statement: Statement, resources: Resources): string {
  const deny = statement.Effect === 'Deny';
  const actions = list(statement.Action);
  return row(
    place,
    `${deny ? 'deny ' : ''}${principalOf(statement, resources)}`,
    actions.join(', '),
    statement.Resource === undefined ? '' : show(list(statement.Resource), resources),
    conditionOf(statement, resources),
    reasons.of(`${deny ? 'Deny ' : ''}${[...actions].sort().join(' ')}`),
  );
}

function policyRows(place: string, resource: Resource, resources: Resources): string[] {
  const managed = (resource.Properties?.ManagedPolicyArns ?? []).map((arn) => show(arn, resources).split('/').pop() ?? '');
  return [
    ...managed.map((name) => row(place, 'managed policy', name, '', '', reasons.of(`managed ${name}`))),
    ...statementsOf(resource).map((statement) => statementRow(place, statement, resources)),
  ];
}

function resourceRow(place: string, { Type: type, DeletionPolicy: policy }: Resource): string {
  return row(place, type, policy === 'Retain' ? 'kept' : 'deleted', costs.of(type));
}

function sectionOf(subject: Subject): string {
  const resources = synthesize(subject);
  const entries = Object.values(resources)
    .map((resource) => ({ resource, place: constructPath(resource) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  return [
    `## ${subject.title}: ${entries.length} resources`,
    '',
    row('construct', 'type', 'when it leaves the stack', 'cost'),
    '|---|---|---|---|',
    ...entries.map(({ resource, place }) => resourceRow(place, resource)),
    '',
    `### IAM and resource policies of ${subject.title.replace(', one device', '')}`,
    '',
    row('policy or role', 'who or what', 'actions', 'on', 'condition', 'why'),
    '|---|---|---|---|---|---|',
    ...entries.flatMap(({ resource, place }) => policyRows(place, resource, resources)),
  ].join('\n');
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const page = `${[
  '# What the sample makes, and a load test',
  '',
  'For reviews of infrastructure. Generated from the synthesized sample and examples/load-test by `npm run docs`; CI fails when it is stale.',
  'Resources are named by their construct\'s path; `<path>` in a policy is that resource\'s ARN, name or attribute.',
  '',
  SUBJECTS.map(sectionOf).join('\n\n'),
].join('\n')}\n`;

const problems = [...costs.problems(), ...reasons.problems()];
if (problems.length > 0) {
  fail(`scripts/resource-notes.ts is wrong: ${problems.join(', ')}`);
}
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readFileSync(PAGE, 'utf8') !== page) {
  fail(`${PAGE} is stale: run npm run docs and commit it`);
}
