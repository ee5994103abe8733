import { writeZip } from '../../../lib/private/archive/zip';
import { NucleusFixture, recipeOf, type TestComponent } from './nucleus-fixture';

/** The facts are those of the reference, section 7: what a nucleus classic 2.18 did. */
describe('what the local nucleus makes of a recipe', () => {
  let fixture: NucleusFixture;
  beforeEach(() => {
    fixture = new NucleusFixture();
  });
  afterEach(async () => {
    await fixture.close();
  });

  const ok: TestComponent = { lifecycle: { install: 'true' } };

  test.each<[string, TestComponent]>([
    ['an unknown key at the top', { recipe: { Componentname2: 'x' } }],
    ['an unknown key in a manifest', { recipe: { Manifests: [{ Platform: { os: 'linux' }, LifeCycles: {} }] } }],
    ['an unknown key in ComponentConfiguration', { recipe: { ComponentConfiguration: { Defaults: {} } } }],
    ['another RecipeFormatVersion', { recipe: { RecipeFormatVersion: '2021-01-25' } }],
    ['a name with a blank', { recipe: { ComponentName: 'a b' } }],
    ['Unarchive TAR', { artifacts: [{ Uri: 's3://bucket/x.tar', Unarchive: 'TAR' }] }],
    ['a bad VersionRequirement', { dependencies: { other: { VersionRequirement: '>= (1)' } } }],
    ['no manifest', { recipe: { Manifests: [] } }],
  ])('%s fails the whole deployment', async (_, component) => {
    const recipe = recipeOf('app', '1.0.0', component);
    fixture.addRecipe(recipe);
    expect(await fixture.deploy({ [String(recipe.ComponentName)]: '1.0.0' })).toMatchObject({ status: 'FAILED_NO_STATE_CHANGE' });
  });

  test('a version of two parts fails the whole deployment', async () => {
    fixture.add('app', '1.0', ok);
    expect(await fixture.deploy({ app: '1.0' })).toMatchObject({ status: 'FAILED_NO_STATE_CHANGE' });
  });

  test('a version with a part of seven digits fails the whole deployment, in the words of nucleus 2.18.2', async () => {
    fixture.add('app', '1.0.1000000', ok);
    const { status, reason } = await fixture.deploy({ app: '1.0.1000000' });
    expect(status).toBe('FAILED_NO_STATE_CHANGE');
    expect(reason).toContain("Component version major, minor, patch can't exceed 6 digits");
  });

  test('a version with parts of six digits is deployed', async () => {
    fixture.add('app', '999999.999999.999999', ok);
    expect(await fixture.deploy({ app: '999999.999999.999999' })).toEqual({ status: 'SUCCESSFUL' });
  });

  test('a misspelt step deploys successfully and runs nothing', async () => {
    fixture.add('app', '1.0.0', { lifecycle: { Runn: 'touch "$OUT/ran"' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.exists('ran')).toBe(false);
  });

  test('keys and enum values are read in any case', async () => {
    fixture.addRecipe({
      ComponentName: 'app',
      ComponentVersion: '1.0.0',
      RecipeFormatVersion: '2020-01-25',
      manifests: [{ platform: { os: 'linux' }, LIFECYCLE: { Install: { script: 'touch "$OUT/ran"' } } }],
    });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.exists('ran')).toBe(true);
  });

  const here = process.arch === 'x64' ? 'amd64' : 'aarch64';
  test.each([
    [{ os: 'linux', architecture: here, runtime: '*' }, true], [{ os: 'all' }, true], [{ os: '*', architecture: `/${here}|other/` }, true],
    [{ os: 'linux', architecture: 'x86_64' }, false], [{ os: 'Linux' }, false], [{ os: 'linux', runtime: 'aws_nucleus_lite' }, false],
    [{ os: 'linux', 'architecture.detail': 'v8' }, false],
  ] as [Record<string, string>, boolean][])('the platform %j matches: %s', async (platform, matches) => {
    fixture.add('app', '1.0.0', { ...ok, platform });
    expect((await fixture.deploy({ app: '1.0.0' })).status).toBe(matches ? 'SUCCESSFUL' : 'FAILED_NO_STATE_CHANGE');
  });

  test('the first manifest that matches wins', async () => {
    fixture.add('app', '1.0.0', { recipe: { Manifests: [
      { Platform: { os: 'darwin' }, Lifecycle: { install: 'echo 1 > "$OUT/n"' } },
      { Platform: { os: 'linux' }, Lifecycle: { install: 'echo 2 > "$OUT/n"' } },
      { Lifecycle: { install: 'echo 3 > "$OUT/n"' } },
    ] } });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.read('n').trim()).toBe('2');
  });

  test('variables are replaced, in Setenv too, and unknown ones stay as they are', async () => {
    fixture.add('app', '1.0.0', {
      configuration: { port: '80', deep: { name: 'x' } },
      lifecycle: { Setenv: { PORT: '{configuration:/port}' }, install: 'echo "$PORT {iot:thingName} {configuration:/deep/name} { work:path } {Work:path} {other:artifacts:path} {configuration:/none}" > "$OUT/said"' },
    });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.read('said').trim()).toBe('80 camera-1 x { work:path } {Work:path} {other:artifacts:path} {configuration:/none}');
  });

  test('a script sees another component\'s folder if it depends on it', async () => {
    fixture.objects.set('s3://bucket/model/1.0.0/m.zip', writeZip([{ path: 'weights', content: Buffer.from('42') }]) ?? Buffer.alloc(0));
    fixture.add('model', '1.0.0', { artifacts: [{ Uri: 's3://bucket/model/1.0.0/m.zip', Unarchive: 'ZIP', Permission: { Read: 'ALL' } }] });
    fixture.add('app', '1.0.0', {
      dependencies: { model: { VersionRequirement: '^1.0.0', DependencyType: 'HARD' } },
      lifecycle: { install: 'cat {model:artifacts:decompressedPath}/m/weights > "$OUT/said"' },
    });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.read('said')).toBe('42');
  });

  test('numbers of a configuration update arrive as doubles, text as text', async () => {
    fixture.add('app', '1.0.0', {
      configuration: { a: '1', b: '1' },
      lifecycle: { install: 'echo "{configuration:/a} {configuration:/b}" > "$OUT/said"' },
    });
    await fixture.deploy({ app: { version: '1.0.0', merge: { a: 2, b: '2' } } });
    expect(fixture.read('said').trim()).toBe('2.0 2');
  });

  test('numbers inside objects and lists of an update are doubles too, as JSON has them; those of the recipe stay', async () => {
    fixture.add('app', '1.0.0', {
      configuration: { o: { a: 1, c: 1 }, l: [1, 2], n: 1 },
      lifecycle: { install: "echo '{configuration:/o} {configuration:/l} {configuration:/n}' > \"$OUT/said\"" },
    });
    await fixture.deploy({ app: { version: '1.0.0', merge: { o: { a: 2, b: 2.5 }, l: [3, 4], n: 7 } } });
    expect(fixture.read('said').trim()).toBe('{"a":2.0,"c":1,"b":2.5} [3.0,4.0] 7.0');
  });

  test('a manifest for nucleus lite is skipped, and the classic one behind it is taken', async () => {
    fixture.add('app', '1.0.0', { recipe: { Manifests: [
      { Platform: { os: 'linux', runtime: 'aws_nucleus_lite' }, Lifecycle: { install: 'echo lite > "$OUT/n"' } },
      { Platform: { os: 'linux' }, Lifecycle: { install: 'echo classic > "$OUT/n"' } },
    ] } });
    await fixture.deploy({ app: '1.0.0' });
    expect(fixture.read('n').trim()).toBe('classic');
  });

  test('a merge survives an upgrade and beats new defaults; a reset undoes it', async () => {
    for (const [version, level] of [['1.0.0', 'a'], ['2.0.0', 'b']] as const) {
      fixture.add('app', version, {
        configuration: { level },
        lifecycle: { install: `echo "{configuration:/level}" > "$OUT/${version}"` },
      });
    }
    await fixture.deploy({ app: { version: '1.0.0', merge: { level: 'mine' } } });
    await fixture.deploy({ app: '2.0.0' });
    expect(fixture.read('2.0.0').trim()).toBe('mine');
    await fixture.deploy({ app: { version: '2.0.0', reset: [''] } });
    expect(fixture.read('2.0.0').trim()).toBe('b');
  });

  test('objects of the configuration become JSON', async () => {
    fixture.add('app', '1.0.0', {
      configuration: { o: { k: 'v' } },
      lifecycle: { install: "echo '{configuration:/o}' > \"$OUT/quoted\"; echo {configuration:/o} > \"$OUT/bare\"" },
    });
    await fixture.deploy({ app: '1.0.0' });
    expect([fixture.read('quoted').trim(), fixture.read('bare').trim()]).toEqual(['{"k":"v"}', '{k:v}']);
  });
});
