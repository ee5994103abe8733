import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { APPS } from './apps';

interface Finding { readonly rule: string; readonly path: string }
interface Reason { readonly rule: string; readonly reason: string }

/** cdk-nag looks at an app that is synthesized, as it does when it is a plugin. */
function findings(app: App, pack: AwsSolutionsChecks): Finding[] {
  return pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources = [] }) =>
    violatingResources.map(({ constructPath = '' }) => ({ rule: ruleName, path: constructPath })));
}

/** It finds what is acknowledged, too. */
function unforgiving(): AwsSolutionsChecks {
  return Object.defineProperty(new AwsSolutionsChecks(), 'isAcknowledged', { value: () => false });
}

/** What the constructs of an app acknowledge. */
function reasons(app: App): Reason[] {
  return app.node.findAll().flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>).map(([rule, reason]) => ({ rule, reason })))
    .filter(({ rule }) => rule.startsWith('AwsSolutions-'));
}

/** `AwsSolutions-IAM5[Resource::<Bucket.Arn>/*]` is a finding of `AwsSolutions-IAM5`. */
const name = (rule: string): string => rule.replace(/\[.*$/, '');

/** What an example makes itself, and not a construct of the library. */
const OF_EXAMPLES: Record<string, Finding[]> = {
  'two-stacks': [{ rule: 'AwsSolutions-S1', path: 'Models/Artifacts/Resource' }],
};

describe('cdk-nag AwsSolutions', () => {
  const all = new Map(APPS.map(([title, make]) => {
    const app = make();
    app.synth();
    return [title, { app, left: findings(app, new AwsSolutionsChecks()), found: findings(app, unforgiving()) }];
  }));

  test.each(APPS.map(([title]) => title))('finds nothing in %s that its constructs do not explain', (title) => {
    expect(all.get(title)?.left).toEqual(OF_EXAMPLES[title] ?? []);
  });

  test('is asked about every example', () => {
    const folder = path.join(__dirname, '..', '..', 'examples');
    const examples = readdirSync(folder).filter((entry) => existsSync(path.join(folder, entry, 'app.ts')));
    expect(APPS.map(([title]) => title)).toEqual(expect.arrayContaining(examples));
  });

  test('would find each thing that is explained, so that no reason is for nothing', () => {
    const found = new Set([...all.values()].flatMap((result) => result.found.map(({ rule }) => rule)));
    const needed = [...all.values()].flatMap(({ app }) => reasons(app)).filter(({ rule }) => found.has(rule));
    const given = [...all.values()].flatMap(({ app }) => reasons(app));
    const key = ({ rule, reason }: Reason): string => `${name(rule)}: ${reason}`;
    expect([...new Set(given.map(key))].filter((entry) => !needed.map(key).includes(entry))).toEqual([]);
  });

  test('has its reasons in docs/security.md', () => {
    const rows = [...all.values()].flatMap(({ app }) => reasons(app)).map(({ rule, reason }) => `| ${name(rule)} | ${reason} |`);
    const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'security.md'), 'utf8').split('\n');
    expect(page.filter((line) => line.startsWith('| AwsSolutions-'))).toEqual([...new Set(rows)].sort());
  });
});
