import * as fs from 'node:fs';
import * as path from 'node:path';
import { assetPath, deviceScript, handlerCode } from '../../../lib/private/assets';

const MISSING = "is missing: run 'npm run build:assets' in a checkout; a published package that lacks it is broken";

test('a prebuilt file has an absolute path', () => {
  expect(assetPath('scripts', 'report.sh')).toBe(path.join(__dirname, '..', '..', '..', 'assets', 'scripts', 'report.sh'));
});

test('a program for devices is the file of agent/scripts, without what it tells shellcheck', () => {
  const source = fs.readFileSync('agent/scripts/greengrass/start.sh', 'utf8');
  expect(source).toMatch(/^# shellcheck shell=sh\n/);
  expect(deviceScript('greengrass/start.sh')).toBe(source.replace(/^# shellcheck .*\n/gm, ''));
});

test('a program for devices has its placeholders filled', () => {
  const values = { REGION: 'eu-west-1', BUCKET: 'devices', REPORT_KEY: 'report.json', ON_SUCCESS: 'return' };
  expect(deviceScript('report.sh', values)).toContain("--region 'eu-west-1' --bucket 'devices' --key \"report.json\"");
});

describe('fails when', () => {
  test('a prebuilt file is not there', () => {
    expect(() => assetPath('scripts', 'none.sh')).toThrow(`assets/scripts/none.sh ${MISSING}`);
  });

  test('a handler\'s bundle is not there', () => {
    expect(() => handlerCode('none')).toThrow(`assets/none/index.mjs ${MISSING}`);
  });
});
