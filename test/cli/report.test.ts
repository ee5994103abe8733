import { readFileSync, writeFileSync } from 'node:fs';
import { edgeRun, edgeStep, run, step } from '../lambda/endpoint/report/runs';
import { Workplace } from './command-line';

const place = new Workplace();
afterAll(() => {
  place.remove();
});

const CLOUD = run([1, 2, 3, 4].map((number) => step(number, 10 * number, {
  client: { tps: Math.min(200, 100 * number), p50Ms: 100 * number }, endpoint: { cpuPercent: Math.min(400, 200 * number) },
})), { region: 'us-east-1', limits: { errorPercent: 1, maxUsers: 40, targetTps: 1000 } });
const EDGE = edgeRun([edgeStep(1, 1, { tps: 40 }), edgeStep(2, 2, { tps: 41, p50Ms: 200 }), edgeStep(3, 4, { tps: 41, p50Ms: 300 })]);
const DEVICE = ['--device-usd', '400', '--watts', '15', '--kwh-usd', '0.3'];

beforeAll(() => {
  writeFileSync(place.in('cloud.json'), JSON.stringify(CLOUD));
  writeFileSync(place.in('edge.json'), JSON.stringify(EDGE));
  writeFileSync(place.in('broken.json'), '{"version":1,"kind":"endpoint"}');
});

test('prints the table of a run', () => {
  const { status, stdout, stderr } = place.run(['report', 'cloud.json']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^NOT-MET: The instance is full/);
  expect(stdout).not.toContain('edge: gate-1');
});

test('writes one page of both, with the bundle\'s own uPlot and style', () => {
  const { status, stdout, stderr } = place.run(['report', 'cloud.json', '--edge', 'edge.json', '-o', 'report.html', ...DEVICE]);
  expect([status, stderr]).toEqual([0, `the page is ${place.in('report.html')}\n`]);
  expect(stdout).toContain('edge: gate-1');
  const page = readFileSync(place.in('report.html'), 'utf8');
  expect(page).toContain('<caption>Edge beside cloud</caption>');
  expect(page).toContain('var uPlot=');
  expect(page).toContain('.uplot,');
});

test('writes the report as JSON, and takes it instead of the run', () => {
  expect(place.run(['report', 'cloud.json', '--json', 'report.json']).status).toBe(0);
  expect(JSON.parse(readFileSync(place.in('report.json'), 'utf8'))).toMatchObject({ version: 1, outcome: 'not-met', cloud: { instances: { at60: 9 } } });
  expect(place.run(['report', 'report.json']).stdout).toBe(place.run(['report', 'cloud.json']).stdout);
});

test.each([[1, ['cloud.json']], [0, ['edge.json']]])('--gate ends with %i for %j', (code, args) => {
  expect(place.run(['report', ...args, '--gate']).status).toBe(code);
});

test('takes prices of the user\'s own', () => {
  expect(place.run(['report', 'cloud.json', '--instance-usd', '1.5']).stdout).toMatch(/cost of an instance an hour +\$1\.50 \(given by the user\)/);
  expect(place.run(['report', 'edge.json', ...DEVICE]).stdout).toMatch(/cost of the device an hour +\$0\.0136 /);
});

test.each([
  [['missing.json'], `there is no file ${place.in('missing.json')} to read`],
  [['broken.json'], 'property broken.json: payloads must be an object, got undefined'],
  [['edge.json', '--edge', 'edge.json'], 'both files are runs of a device'],
  [['cloud.json', '--edge', 'cloud.json'], 'both files are runs of an endpoint'],
  [['cloud.json', '--instance-usd', 'much'], '--instance-usd must be a number of at least 0, got much'],
  [['edge.json', '--device-usd', '400'], 'a device\'s cost needs --device-usd, --watts and --kwh-usd'],
  [['edge.json', ...DEVICE, '--device-years', '0'], '--device-years must be above 0, got 0'],
])('fails with wrong usage for %j', (args, message) => {
  const { status, stdout, stderr } = place.run(['report', ...args]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
