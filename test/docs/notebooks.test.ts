import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { codeCells, shown } from '../deploy/notebook';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const notebooks = folders.flatMap((folder) => (
  readdirSync(path.join(EXAMPLES, folder)).filter((name) => name.endsWith('.ipynb')).map((name) => path.join(folder, name))
));

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(EXAMPLES, name), 'utf8'));

test('the notebook of experiments is among the examples', () => {
  expect(notebooks).toContain(path.join('dvc-experiments', 'notebook.ipynb'));
});

test.each(notebooks)('%s has no output in git', (name) => {
  const cells = codeCells(read(name));
  expect(cells.length).toBeGreaterThan(0);
  expect(cells.map(({ outputs, execution_count: count }) => ({ outputs, count }))).toEqual(cells.map(() => ({ outputs: [], count: null })));
});

test('what a notebook shows is the text of its cells of code', () => {
  const printed = { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] };
  const table = { output_type: 'execute_result', data: { 'text/html': '<b>3</b>', 'text/plain': ['three'] } };
  const cells = [{ cell_type: 'markdown', source: 'four' }, { cell_type: 'code', outputs: [printed, table] }, { cell_type: 'code', outputs: [] }];
  expect(shown({ cells })).toEqual(['one\ntwo\n\nthree', '']);
});
