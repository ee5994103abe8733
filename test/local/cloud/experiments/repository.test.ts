import * as fs from 'node:fs';
import * as path from 'node:path';
import { folderDigest } from '../../../../local/cloud/experiments/repository';
import { temporaryFolder } from '../../temporary-folder';

test('the digest of a folder is the one that DVC 3.67.1 makes', () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder.root, 'data', 'deep'), { recursive: true });
  fs.writeFileSync(path.join(folder.root, 'data', 'one.csv'), 'a,b\n1,2\n');
  fs.writeFileSync(path.join(folder.root, 'data', 'deep', 'two.csv'), 'c\n');
  expect(folderDigest(path.join(folder.root, 'data'))).toBe('111b4bbb58acb75a110268a891f402dc.dir');
  folder.remove();
});
