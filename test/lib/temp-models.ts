import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const made: string[] = [];

afterAll(() => {
  made.splice(0).forEach((folder) => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
});

/** A folder with these files, gone after the test file. */
export function modelFolder(files: Record<string, string | Buffer>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'model-test-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

/** A single file in a folder of its own. */
export function modelFile(name: string, content: string | Buffer): string {
  return path.join(modelFolder({ [name]: content }), name);
}

/** An archive of these files, made by the machine's own tar. */
export function modelArchive(files: Record<string, string | Buffer>, name = 'model.tar.gz', options: string[] = []): string {
  const archive = path.join(modelFolder({}), name);
  execFileSync('tar', [...options, '-czf', archive, '-C', modelFolder(files), '.']);
  return archive;
}

/** Names that the machine's own tar finds in an archive. */
export function tarList(archive: string): string[] {
  return execFileSync('tar', ['-tzf', archive]).toString().trim().split('\n').sort();
}
