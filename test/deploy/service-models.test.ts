import * as fs from 'node:fs';
import * as path from 'node:path';
import { LocalFolder } from '../../local/cloud/folder';
import { modelFolder, serviceModels } from '../../scripts/service-models';

const fresh = serviceModels(LocalFolder.at().venv);

test('there is a model of each service, and no other file', () => {
  expect(fs.readdirSync(modelFolder()).sort()).toEqual([...fresh.keys()].sort());
});

test.each([...fresh])('%s is what the emulator\'s botocore has: npm run service-models writes it anew', (file, content) => {
  expect(fs.readFileSync(path.join(modelFolder(), file), 'utf8')).toBe(content);
});
