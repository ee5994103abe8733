// Runs the project's own ESLint configuration over texts that break a rule, one rule at a time; prints what it found.
// A process of its own, because jest cannot load an ESM configuration.
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ESLint } from 'eslint';

interface Case { readonly rule: string; readonly file: string; readonly code?: string }

const linters = new Map<string, ESLint>();

/** Types take a second where a folder has a small project of its own, and twenty in the project of the whole checkout. */
function linterFor({ rule, file }: Case): ESLint {
  const projectService = existsSync(file) && existsSync(path.join(path.dirname(file), 'tsconfig.json'));
  const key = `${rule} ${projectService}`;
  const made = linters.get(key) ?? new ESLint({
    ruleFilter: ({ ruleId }) => ruleId === rule,
    ignore: false,
    overrideConfig: { languageOptions: { parserOptions: { projectService } } },
  });
  linters.set(key, made);
  return made;
}

async function lint(probe: Case): Promise<{ ruleId: string | null; line: number }[]> {
  const { file, code } = probe;
  const eslint = linterFor(probe);
  const found = code === undefined ? await eslint.lintFiles([file]) : await eslint.lintText(code, { filePath: file });
  return found.flatMap(({ messages }) => messages.map(({ ruleId, line }) => ({ ruleId, line })));
}

async function main(): Promise<void> {
  const results = [];
  for (const probe of JSON.parse(readFileSync(0, 'utf8')) as Case[]) {
    results.push(await lint(probe));
  }
  console.log(JSON.stringify(results));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
