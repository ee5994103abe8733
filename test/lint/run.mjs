// Runs the project's own ESLint configuration over texts that break a rule, one rule at a time; prints what it found.
// A process of its own, because jest cannot load an ESM configuration.
import { existsSync, readFileSync } from 'node:fs';
import { ESLint } from 'eslint';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const linters = new Map();
const results = [];
for (const { rule, file, code } of cases) {
  // A text without a file is in no TypeScript project. Rules that need types are asked of a file that exists.
  const projectService = existsSync(file);
  const key = `${rule} ${projectService}`;
  const eslint = linters.get(key) ?? new ESLint({ ruleFilter: ({ ruleId }) => ruleId === rule, ignore: false, overrideConfig: { languageOptions: { parserOptions: { projectService } } } });
  linters.set(key, eslint);
  const found = code === undefined ? await eslint.lintFiles([file]) : await eslint.lintText(code, { filePath: file });
  results.push(found.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ({ ruleId, message }))));
}
console.log(JSON.stringify(results));
