import { checkRecipe } from '../../../../lib/greengrass/private/recipe-check';

type Json = Record<string, unknown>;

const manifest = (changes: Json = {}): Json => ({
  Platform: { os: 'linux', architecture: 'amd64', runtime: '*' },
  Lifecycle: { run: { Script: 'true' } },
  ...changes,
});
const lifecycle = (steps: Json): Json => ({ Manifests: [manifest({ Lifecycle: steps })] });
const artifacts = (...items: Json[]): Json => ({ Manifests: [manifest({ Artifacts: items })] });
const lite = (steps: Json): Json => ({
  Manifests: [manifest({ Platform: { os: 'linux', architecture: 'amd64', runtime: 'aws_nucleus_lite' }, Lifecycle: steps }), manifest()],
});
const platform = (attributes: Json): Json => ({ Manifests: [manifest({ Platform: { runtime: '*', ...attributes } })] });

function recipe(changes: Json = {}): Json {
  return {
    RecipeFormatVersion: '2020-01-25',
    ComponentName: 'com.example.app',
    ComponentVersion: '1.0.0',
    ComponentDescription: 'd',
    ComponentPublisher: 'p',
    ComponentConfiguration: { DefaultConfiguration: { port: '80', deep: { name: 'x' } } },
    ComponentDependencies: {
      'com.example.model': { VersionRequirement: '=1.0.0', DependencyType: 'HARD' },
      'com.example.two-words': { VersionRequirement: '>=1.0.0 <2.0.0 || ^3.1.0', DependencyType: 'SOFT' },
    },
    Manifests: [manifest()],
    ...changes,
  };
}

const check = (changes: Json): () => void => () => {
  checkRecipe(undefined, recipe(changes));
};

describe('a recipe', () => {
  test('with all that both nuclei read is taken', () => {
    expect(
      check({
        Manifests: [
          manifest({
            Lifecycle: {
              Setenv: { PORT: '{configuration:/port}' },
              bootstrap: { Script: 'true', BootstrapOnRollback: true },
              install: 'echo {artifacts:path} {artifacts:decompressedPath}',
              startup: {
                Script: 'echo {work:path} {kernel:rootPath} {iot:thingName}',
                Timeout: 300,
                RequiresPrivilege: true,
                Setenv: { A: 'b' },
                Skipif: 'onpath node',
              },
              shutdown: { Script: 'cat {com.example.model:artifacts:decompressedPath}/x "${x:-y}" {a,b}', Timeout: '20' },
              recover: 'true',
              uninstall: 'true',
            },
            Artifacts: [
              { Uri: 's3://bucket/x.zip', Unarchive: 'ZIP', Permission: { Read: 'ALL', Execute: 'OWNER' } },
              { Uri: 'docker:image' },
            ],
          }),
        ],
      }),
    ).not.toThrow();
  });

  test.each([
    ["serve '{configuration:/deep}'"],
    ["serve 'a\n{configuration:/deep}'"],
    ["# it doesn't\nserve '{configuration:/deep}'"],
    ['serve {configuration:/deep/name} "{configuration:/port}"'],
  ])('with an object within single quotes, and texts anywhere, is taken: %j', (script) => {
    expect(check(lifecycle({ run: { Script: script, Setenv: { ALL: '{configuration:/deep}' } } }))).not.toThrow();
  });

  describe('that fails the whole deployment on the nucleus is refused:', () => {
    test.each<[string, Json, RegExp]>([
      [
        'an unknown key at the top',
        { Componentname: 'x' },
        /'ComponentName' of the recipe must be spelled so, since nucleus lite minds the case, got 'Componentname'/,
      ],
      [
        "a lifecycle of the recipe, which a manifest's own hides",
        { Lifecycle: { run: 'x' } },
        /the recipe must have no other keys than .*, got 'Lifecycle'/,
      ],
      ['a foreign key at the top', { Extra: 1 }, /the recipe must have no other keys than .*, got 'Extra'/],
      [
        'an unknown key in a manifest',
        { Manifests: [manifest({ Selections: [] })] },
        /Manifests\[0\] must have no other keys .*got 'Selections'/,
      ],
      [
        'an unknown key in ComponentConfiguration',
        { ComponentConfiguration: { Defaults: {} } },
        /ComponentConfiguration must have no other keys than DefaultConfiguration/,
      ],
      ['a missing RecipeFormatVersion', { RecipeFormatVersion: undefined }, /RecipeFormatVersion must be '2020-01-25', got nothing/],
      ['another RecipeFormatVersion', { RecipeFormatVersion: '2021-01-25' }, /got "2021-01-25"/],
      ['a version of two parts', { ComponentVersion: '1.0' }, /ComponentVersion must have 5 to 64 characters, got 3: '1\.0'/],
      [
        'a version that is none',
        { ComponentVersion: 'v1.0.0' },
        /ComponentVersion must be a semantic version with three parts, such as 1\.0\.0, got 'v1\.0\.0'/,
      ],
      [
        'a version with a part of seven digits',
        { ComponentVersion: '1.0.1000000' },
        /each part of ComponentVersion must be at most 999999, got '1\.0\.1000000'/,
      ],
      ['a name with a blank', { ComponentName: 'my app' }, /ComponentName must be letters, digits and _ \. -.*got 'my app'/],
      ['Unarchive TAR', artifacts({ Uri: 's3://b/x.tar', Unarchive: 'TAR' }), /Unarchive must be ZIP or NONE, got "TAR"/],
      [
        'a VersionRequirement that is no range',
        { ComponentDependencies: { x: { VersionRequirement: 'newest', DependencyType: 'HARD' } } },
        /VersionRequirement must be a range of versions.*got "newest"/,
      ],
      [
        'a DependencyType that is none',
        { ComponentDependencies: { x: { VersionRequirement: '1.x', DependencyType: 'WEAK' } } },
        /DependencyType must be HARD or SOFT, got "WEAK"/,
      ],
      ['no manifests', { Manifests: [] }, /Manifests must be a list of at least one manifest, got \[\]/],
      ['a step that is no object', lifecycle({ run: 5 }), /Lifecycle\.run must be an object, got 5/],
      [
        'a component that needs itself',
        { ComponentDependencies: { 'com.example.app': { VersionRequirement: '*' } } },
        /must name another component/,
      ],
    ])('%s', (_, changes, message) => {
      expect(check(changes)).toThrow(message);
    });
  });

  describe('that deploys "successfully" and does something else is refused:', () => {
    test.each<[string, Json, RegExp]>([
      [
        'a misspelt step, which runs nothing',
        lifecycle({ Runn: 'x' }),
        new RegExp('Lifecycle must have no other keys than bootstrap, .* '
          + String.raw`\(the nucleus would not run such a step, and call the deployment a success\), got 'Runn'`),
      ],
      ['a capital step, which lite does not find', lifecycle({ Run: 'x' }), /'run' of Manifests\[0\]\.Lifecycle must be spelled so/],
      ['a small attribute, which lite does not find', lifecycle({ run: { script: 'x' } }), /'Script' of .*run must be spelled so/],
      [
        'run as a list, which runs as a broken line',
        lifecycle({ run: { Script: ['a', 'b'] } }),
        /run\.Script must be a script as one text/,
      ],
      ['a step without a script', lifecycle({ install: { Timeout: 5 } }), /install\.Script must be a script as one text.*got nothing/],
      [
        'startup and run, of which only startup runs',
        lifecycle({ startup: 'a', run: 'b' }),
        /must have startup or run, not both: the nucleus would run startup alone/,
      ],
      [
        'a timeout of run, which kills the process',
        lifecycle({ run: { Script: 'a', Timeout: 5 } }),
        /run\.Timeout must be left out: the nucleus would kill the process/,
      ],
      [
        'a timeout that is no number',
        lifecycle({ install: { Script: 'a', Timeout: 'soon' } }),
        /install\.Timeout must be a whole number of seconds/,
      ],
      [
        'a privilege that is no boolean',
        lifecycle({ install: { Script: 'a', RequiresPrivilege: 'yes' } }),
        /RequiresPrivilege must be true or false/,
      ],
      [
        'a condition that is none',
        lifecycle({ install: { Script: 'a', Skipif: 'found node' } }),
        /Skipif must be 'onpath <program>' or 'exists <file>'/,
      ],
      [
        'a shell variable in Setenv, which is not expanded',
        lifecycle({ Setenv: { A: '$HOME/x' }, run: 'a' }),
        /Setenv\.A must hold no shell variable/,
      ],
      [
        'an object in a script, whose quotes the shell eats',
        lifecycle({ run: 'serve {configuration:/deep}' }),
        /run must hold variables of objects within single quotes alone.*got "\{configuration:\/deep\}"/,
      ],
      ['a number in Setenv', lifecycle({ Setenv: { A: 5 }, run: 'a' }), /Setenv\.A must be text, got 5/],
      [
        'a name in Setenv that is none',
        lifecycle({ Setenv: { 'A-B': 'x' }, run: 'a' }),
        /Setenv must have names of letters, digits and underscores/,
      ],
      [
        'x86_64, which matches no device',
        platform({ os: 'linux', architecture: 'x86_64' }),
        /architecture must be one of amd64, aarch64, arm, x86 \(here amd64\): no device has another, got "x86_64"/,
      ],
      ['arm64, which matches no device', platform({ os: 'linux', architecture: 'arm64' }), /\(here aarch64\)/],
      ['Linux with a capital, which matches no device', platform({ os: 'Linux' }), /os must be linux/],
      ['no runtime, which lite skips', platform({ os: 'linux', runtime: undefined }), /runtime must be '\*' or aws_nucleus_lite.*got nothing/],
      ['no step for lite', lite({}), /Lifecycle must have a step for nucleus lite, such as run: exec sleep infinity/],
      ['a step that lite does not run', lite({ run: 'x', shutdown: 'y' }), /only steps that nucleus lite runs .*got "shutdown"/],
      ['a condition that lite ignores', lite({ run: { Script: 'x', Skipif: 'onpath y' } }), /run must have no Skipif, which nucleus lite ignores/],
      [
        'a manifest for lite behind one that lite takes',
        { Manifests: [manifest(), ...(lite({ run: 'x' }).Manifests as Json[])] },
        /Manifests\[1\] must be before the manifest for all nuclei, which nucleus lite would take/,
      ],
      ['architecture.detail, which no PC has', platform({ os: 'linux', 'architecture.detail': 'armv8' }), /got 'architecture\.detail'/],
      [
        'a number in the configuration, which becomes a double',
        { ComponentConfiguration: { DefaultConfiguration: { deep: { port: 2 } } } },
        /DefaultConfiguration\.deep\.port must be text, since the nucleus makes 2\.0 of the number 2, got 2/,
      ],
      [
        "a name of AWS's, which takes the public component's place",
        { ComponentName: 'aws.greengrass.Nucleus' },
        /must not begin with 'aws\.greengrass'/,
      ],
      [
        "a digest, which is the service's to set",
        artifacts({ Uri: 's3://b/x', Digest: 'abc' }),
        /Digest must be left out: the service sets it, and the nucleus ignores a digest without its algorithm/,
      ],
      [
        'two artifacts of one name',
        artifacts({ Uri: 's3://b/1/x' }, { Uri: 's3://b/2/x' }),
        /must end with a file name of its own within the manifest, got "x"/,
      ],
      ['an artifact from elsewhere', artifacts({ Uri: 'https://x/y' }), /Uri must begin with s3:\/\/bucket\/, docker: or greengrass:/],
      ['small keys of an artifact, which lite does not find', artifacts({ URI: 's3://b/x' }), /'Uri' of .*must be spelled so/],
      [
        'a permission that is none',
        artifacts({ Uri: 's3://b/x', Permission: { Read: 'EVERYONE' } }),
        /Permission\.Read must be NONE, OWNER or ALL/,
      ],
      [
        "files that stay root's and are not for all",
        { Manifests: [manifest({ Lifecycle: {}, Artifacts: [{ Uri: 's3://b/x', Permission: { Read: 'OWNER' } }] })] },
        /Permission\.Read must be ALL in a manifest without steps: its files stay root's/,
      ],
    ])('%s', (_, changes, message) => {
      expect(check(changes)).toThrow(message);
    });
  });

  describe('with a variable that the nucleus leaves as it is, is refused:', () => {
    test.each([
      ['{artifact:path}', /there are artifacts:path/],
      ['{artifacts:decompressedpath}', /the nucleus knows it as \{artifacts:decompressedPath\}/],
      ['{Work:path}', /knows it as \{work:path\}/],
      ['{ work:path }', /blanks within the braces/],
      ['{configuration:/none}', /\/none is not in the default configuration/],
      ['{configuration:port}', /a JSON pointer begins with a slash/],
      [
        '{com.example.other:artifacts:path}',
        /com\.example\.other is not among the dependencies \(com\.example\.model, com\.example\.two-words\)/,
      ],
      ['{com.example.model:work:path}', /of another component there are artifacts:path/],
      ['{com.example.model:Artifacts:path}', /the nucleus knows it as/],
      ['{com.example.two-words:artifacts:path}', /older nuclei read component names of letters, digits, dots and underscores alone/],
      ['{a:b:c:d}', /more than two colons/],
    ])('%s', (variable, message) => {
      expect(check(lifecycle({ run: `echo ${variable}` }))).toThrow(message);
      expect(check(lifecycle({ run: { Script: 'a', Setenv: { A: variable } } }))).toThrow(message);
    });
  });
});
