import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ImageStore } from '../../../local/containers/images';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
const images = new ImageStore({ folder: folder.root, shared: folder.root, python: 'python3' });

/** The source of a build, as CodeBuild gets it. */
function archive(name: string, content: string): Buffer {
  fs.writeFileSync(path.join(folder.root, name), content);
  execFileSync('python3', ['-m', 'zipfile', '-c', 'source.zip', name], { cwd: folder.root });
  return fs.readFileSync(path.join(folder.root, 'source.zip'));
}

/** Of a build that nobody stops. */
const NEVER = new AbortController().signal;

afterAll(() => {
  folder.remove();
});

describe('what stands for an image', () => {
  test('is the build context, with the cloud\'s own Python where it has no requirements', async () => {
    const lines: string[] = [];
    await images.build('registry/studio:1', archive('Dockerfile', 'FROM base'), (line) => lines.push(line), NEVER);
    expect(images.get('registry/studio:1')?.venv).toBe(path.dirname(path.dirname('python3')));
    expect(fs.readFileSync(path.join(images.get('registry/studio:1')?.folder ?? '', 'Dockerfile'), 'utf8')).toBe('FROM base');
    expect(lines.join()).toContain('the source has no requirements.txt');
  });

  test('fails when the source has no Dockerfile', async () => {
    await expect(images.build('registry/studio:2', archive('notes.txt', ''), () => undefined, NEVER)).rejects.toThrow('must have a Dockerfile, got none');
    expect(images.get('registry/studio:2')).toBeUndefined();
  });

  test('is not made where its build is stopped before its turn', async () => {
    const stopped = AbortSignal.abort(new Error('the build was stopped'));
    await expect(images.build('registry/studio:3', archive('Dockerfile', 'FROM base'), () => undefined, stopped)).rejects.toThrow('the build was stopped');
    expect(images.get('registry/studio:3')).toBeUndefined();
  });
});
