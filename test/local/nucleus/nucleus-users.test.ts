import * as fs from 'node:fs';
import * as path from 'node:path';
import { NucleusFixture, OTHER_USER } from './nucleus-fixture';

const asRoot = OTHER_USER === undefined ? describe.skip : describe;

/** What nucleus classic 2.18.2 did as root with components of ggc_user. */
asRoot('a user of the local nucleus\'s components', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture(OTHER_USER === undefined ? {} : { user: OTHER_USER });
  });
  afterEach(async () => {
    await fixture.close();
  });

  const PERMISSIONS = { default: undefined, none: { Read: 'NONE' }, owner: { Read: 'OWNER' }, all: { Read: 'ALL' }, exec: { Read: 'ALL', Execute: 'OWNER' } };
  const artifacts = Object.entries(PERMISSIONS).map(([name, Permission]) => ({ Uri: `s3://bucket/${name}`, Permission }));
  const read = (folder: string): string => (
    `for f in ${Object.keys(PERMISSIONS).join(' ')}; do if cat ${folder}/$f > /dev/null 2>&1; then echo $f >> "$OUT/read"; fi; done`
  );
  beforeEach(() => {
    for (const { Uri } of artifacts) {
      fixture.objects.set(Uri, Buffer.from('x'));
    }
  });

  test('runs their scripts, and has the work folder to itself', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { install: 'id -u > "$OUT/who"; touch mine' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.read('who').trim()).toBe(String(OTHER_USER?.uid));
    const { mode, uid } = fs.statSync(path.join(fixture.folder, 'root', 'work', 'app'));
    expect([(mode & 0o777).toString(8), uid]).toEqual(['700', OTHER_USER?.uid]);
  });

  test('reads every file of its own component', async () => {
    fixture.add('app', '1.0.0', { artifacts, lifecycle: { install: read('{artifacts:path}') } });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.read('read').trim().split('\n')).toEqual(['default', 'none', 'owner', 'all', 'exec']);
  });

  test('reads of a component without a script what all may read', async () => {
    fixture.add('files', '1.0.0', { artifacts });
    fixture.add('app', '1.0.0', {
      dependencies: { files: { VersionRequirement: '=1.0.0' } }, lifecycle: { install: read('{files:artifacts:path}') },
    });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.read('read').trim().split('\n')).toEqual(['all', 'exec']);
  });

  test('cannot write among the artifacts', async () => {
    fixture.add('app', '1.0.0', { artifacts, lifecycle: { install: 'touch {artifacts:path}/new' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toMatchObject({ status: 'FAILED_ROLLBACK_COMPLETE' });
  });
});
