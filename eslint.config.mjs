// @ts-check
import stylistic from '@stylistic/eslint-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * All code. JavaScript is what jest and ESLint read as their configurations, and what runs where tsx is not: each such
 * file says `@ts-check`.
 */
const CODE = ['**/*.{ts,mjs,cjs,js}'];

/** @param {string[]} names */
const folders = (...names) => String.raw`^(\.\./)+(${names.join('|')})(/|$)`;

/**
 * The rooms of lib, from the lowest layer to the highest. A room may import the rooms of its own layer, and all of every
 * lower layer.
 */
const LAYERS = [
  ['model', 'identity', 'capture', 'jobs', 'images'], ['agent', 'endpoint'], ['experiments'], ['edge-manager', 'greengrass'], ['device'], ['health'], ['handlers'],
];
/** The cloud side stands on the first layer. It knows no agent, deliveries or devices, and they do not know it. */
const CLOUD_SIDE = ['endpoint', 'experiments'];
/** What makes a model package, at synth and in the handler. None of it imports aws-cdk-lib. */
const PACKAGING = 'private/archive/(archive-file|content|gzip|tar)|model/private/(model-manifest|onnx-check|onnx-package-check|package-contract|size-limits)';
/** Rooms that share a layer and never import each other: the two deliveries, the agent and the cloud side. */
const STRANGERS = ['edge-manager', 'greengrass', 'agent', ...CLOUD_SIDE];

/**
 * The arrows of CONTRIBUTING.md. A later block replaces an earlier one for the same file, so each names everything
 * that its files may not import: `never`, nor but for types what is in `typesOnly`.
 *
 * @param {string[]} files
 * @param {string} message
 * @param {{ never: string[], typesOnly?: string }} imports
 * @returns {import('eslint').Linter.Config}
 */
const forbid = (files, message, { never, typesOnly }) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [
        ...never.map((regex) => ({ regex, message })),
        ...typesOnly ? [{ regex: typesOnly, message, allowTypeImports: true }] : [],
      ],
    }],
  },
});

/**
 * The arrows of one room: the files of the room itself, those of its private part, which lies a folder deeper, and of that one's folders.
 *
 * @param {string} name
 * @param {number} layer
 */
const room = (name, layer) => {
  const ownLayer = LAYERS[layer] ?? [];
  const peers = STRANGERS.includes(name) ? [] : ownLayer.filter((peer) => peer !== name);
  const below = LAYERS.slice(0, layer).flat();
  const cloudSide = [...LAYERS[0] ?? [], ...CLOUD_SIDE];
  const lower = below.filter((each) => CLOUD_SIDE.includes(name) ? cloudSide.includes(each) : !CLOUD_SIDE.includes(each));
  const allowed = ['private', name, ...peers, ...lower].join('|');
  /**
   * @param {string} files
   * @param {string} lib the way from these files to lib, as a regular expression
   */
  const arrows = (files, lib) => forbid(
    [files],
    `lib/${name} imports the rooms of lower layers, the public part of its own layer's, and nothing from outside lib`,
    {
      never: [
        String.raw`^${lib}\.\.(/|$)`, // out of lib
        String.raw`^${lib}(?!\.\.)(?!(${allowed})(/|$))`,
        ...peers.map((peer) => `^${lib}${peer}/private(/|$)`),
      ],
    },
  );
  return [
    arrows(`lib/${name}/*.ts`, String.raw`\.\./`),
    arrows(`lib/${name}/private/*.ts`, String.raw`(\.\./){2}`),
    arrows(`lib/${name}/private/*/*.ts`, String.raw`(\.\./){3}`),
  ];
};

/**
 * The parts of local/ that a stand-in may import: what all have in common, for Greengrass the nucleus's reading of recipes, and for
 * containers and the programs of jobs the processes of the cloud, for containers the log of jobs, and for alarms what reads metrics.
 *
 * @type {Record<string, string[]>}
 */
const STAND_INS = {
  service: [], sagemaker: ['service', 'cloud'], greengrass: ['service', 'nucleus'], iot: ['service'], iam: ['service'], scaling: ['service'],
  containers: ['service', 'cloud', 'sagemaker'], codecommit: ['service'], states: ['service'],
  alarms: ['service', 'health'],
};
const LOCAL = [
  'alarms', 'bridge', 'cloud', 'codecommit', 'containers', 'device', 'greengrass', 'health', 'iam', 'iot', 'nucleus', 'page', 'sagemaker', 'scaling', 'service',
  'states',
];
const OUTSIDE_LOCAL = folders('cli', 'bench', 'test', 'examples', 'lambda', 'scripts');

/** Of JavaScript that runs elsewhere, so that the types of what it uses are not known here. */
const PLAIN_RULES = /** @type {const} */ ({
  eqeqeq: 'error', 'no-undef': 'error', 'no-unreachable': 'error', 'no-unused-vars': 'error', 'no-var': 'error', 'prefer-const': 'error',
});

export default defineConfig(
  globalIgnores([
    'test/lint/fixtures/', 'dist/', 'assets/', 'packages/', '**/cdk.out*/', '.local/', 'coverage/', 'agent/generated/',
  ]),
  {
    files: CODE,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { jsdoc },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: CODE,
    plugins: { '@stylistic': stylistic },
    rules: {
      '@stylistic/max-len': ['error', {
        code: 140, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreUrls: true, ignorePattern: String.raw`^import\s`,
      }],
      '@stylistic/max-statements-per-line': ['error', { max: 1 }],
      'no-nested-ternary': 'error',
    },
  },
  {
    files: ['**/*.{cjs,js}'],
    rules: { '@typescript-eslint/no-require-imports': 'off' }, // CommonJS has nothing else
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/private/**', 'lib/*/private/**', 'lib/jobs/**', 'lib/images/**'],
    rules: {
      'jsdoc/require-jsdoc': ['error', {
        publicOnly: true,
        contexts: [
          'TSInterfaceDeclaration', 'TSPropertySignature', 'TSEnumMember', 'TSEnumDeclaration',
          'ClassDeclaration', 'MethodDefinition[accessibility="public"]',
        ],
      }],
      'jsdoc/no-restricted-syntax': ['error', {
        contexts: [{
          comment: 'JsdocBlock:not(*:has(JsdocTag[tag="default"]))',
          context: 'TSPropertySignature[optional=true]',
          message: 'optional props have an @default that states behaviour',
        }],
      }],
      'no-restricted-syntax': ['error', {
        selector: 'TSInterfaceDeclaration[id.name=/(Props|Options|Attributes)$/] TSPropertySignature[readonly!=true]',
        message: 'props are readonly (JSII3008)',
      }, {
        selector: 'ExportNamedDeclaration > ClassDeclaration MethodDefinition[accessibility="public"] > FunctionExpression > ObjectPattern',
        message: 'a parameter has a name: jsii makes a number of a pattern, which Java does not compile',
      }],
    },
  },
  forbid(['lib/*.ts'], 'lib imports nothing from outside lib', { never: [String.raw`^\.\./`] }),
  forbid(['lib/private/*.ts'], 'lib/private is the ground: it imports no room', { never: [String.raw`^\.\./`] }),
  forbid(['lib/private/*/*.ts'], 'lib/private is the ground: it imports no room', { never: [String.raw`^(\.\./){2}`] }),
  ...LAYERS.flatMap((rooms, layer) => rooms.flatMap((name) => room(name, layer))),
  forbid(['lambda/**/*.ts'], 'a handler takes only types from lib, and nothing else from outside lambda', {
    never: [folders('local', 'cli', 'bin', 'bench', 'test', 'agent', 'examples', 'scripts', 'assets')], typesOnly: folders('lib'),
  }),
  forbid(['lambda/model/*.ts'], 'the handler takes only types from lib, and how a package is made, which synth does in the same way', {
    never: [folders('local', 'cli', 'bin', 'bench', 'test', 'agent', 'examples', 'scripts', 'assets')],
    typesOnly: String.raw`^(\.\./)+lib(?!/(${PACKAGING})$)(/|$)`,
  }),
  forbid(['lambda/endpoint/**/*.ts'], 'the handler takes only types from lib, what instances have and cost, and what the construct tells it', {
    never: [folders('local', 'cli', 'bin', 'bench', 'test', 'agent', 'examples', 'scripts', 'assets')],
    typesOnly: String.raw`^(\.\./)+lib(?!/endpoint/private/(instance-types|prices|load-test/contract)$)(/|$)`,
  }),
  forbid(['lambda/health/**/*.ts'], 'the handlers take only types from lib, what a report is, how drift is judged, and what the constructs tell them', {
    never: [folders('local', 'cli', 'bin', 'bench', 'test', 'agent', 'examples', 'scripts', 'assets')],
    typesOnly: String.raw`^(\.\./)+lib(?!/(agent/private/health-report|health/private/contract|model/private/drift-statistics)$)(/|$)`,
  }),
  forbid(['lambda/health/labels/*.ts'], 'the handler takes types from lib, what the construct tells it, and how captures are read from the agent', {
    never: [
      folders('local', 'cli', 'bin', 'bench', 'test', 'examples', 'scripts', 'assets'),
      String.raw`^(\.\./)+agent(?!/(capture/read/\w+|client/(elements|npy)|runtime/protocol)$)(/|$)`,
    ],
    typesOnly: String.raw`^(\.\./)+lib(?!/health/private/labels-contract$)(/|$)`,
  }),
  forbid(['agent/**/*.ts'], 'the agent takes only types from lib, how placeholders are filled, what a package may have, and how drift is judged', {
    never: [folders('local', 'cli', 'bin', 'bench', 'test', 'lambda', 'examples', 'scripts', 'assets')],
    typesOnly: String.raw`^(\.\./)+lib(?!/(private/placeholders|model/private/(size-limits|drift-baseline|drift-statistics)|agent/private/health-report)$)(/|$)`,
  }),
  forbid(['agent/client/load-test/*.ts'], 'its load test takes only types from lib, and what a run and its report are from the handler', {
    never: [
      folders('local', 'cli', 'bin', 'bench', 'test', 'examples', 'scripts', 'assets'),
      String.raw`^(\.\./)+lambda(?!/endpoint/report/\w+$)(/|$)`,
    ],
    typesOnly: String.raw`^(\.\./)+lib(?!/(private/placeholders|model/private/(size-limits|drift-baseline|drift-statistics)|agent/private/health-report)$)(/|$)`,
  }),
  forbid(['bin/**/*.ts', 'examples/**/*.ts'], 'the sample app and the examples use the public library alone', {
    never: [
      folders('local', 'cli', 'bench', 'test', 'lambda', 'agent', 'scripts', 'assets'), String.raw`^\.\./examples/`, '/private/|lib/(jobs|images)/',
    ],
  }),
  forbid(['local/**/*.ts'], 'the local cloud knows of the sample app, and of no test', { never: [OUTSIDE_LOCAL] }),
  forbid(['local/cloud/load-test-sample.ts'], 'the sample shows the report of its load test, and knows of no test', {
    never: [folders('cli', 'bench', 'test', 'examples', 'scripts'), String.raw`^(\.\./)+lambda(?!/endpoint/report/)(/|$)`],
  }),
  forbid(['local/page/*.ts'], 'the page draws what other parts of local read, with the HTML and the plots of the report, and knows of no test', {
    never: [folders('cli', 'bench', 'test', 'examples', 'scripts'), String.raw`^(\.\./)+lambda(?!/endpoint/report/page/(html|plot-script)$)(/|$)`],
  }),
  forbid(['cli/**/*.ts'], 'the command is made of the library, the agent, the local cloud and the report of load tests', {
    never: [
      folders('bin', 'bench', 'test', 'examples', 'scripts', 'assets'), String.raw`^(\.\./)+lambda(?!/endpoint/report/)(/|$)`,
    ],
  }),
  ...Object.entries(STAND_INS).map(([name, allowed]) => forbid(
    [`local/${name}/**/*.ts`],
    'a stand-in imports what all have in common (local/service), and no other',
    { never: [OUTSIDE_LOCAL, String.raw`^\.\./(${LOCAL.filter((part) => part !== name && !allowed.includes(part)).join('|')})(/|$)`] },
  )),
  {
    // As they run on a device. What a shell gives to `node -e` has Node's modules as globals.
    files: ['agent/scripts/**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { console: 'readonly', fs: 'readonly', process: 'readonly', require: 'readonly' },
    },
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      ...PLAIN_RULES,
    },
  },
  {
    // As a browser runs it.
    files: ['lambda/endpoint/report/page/draw.js', 'local/page/draw.js', 'test/deploy/browser/attack.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      sourceType: 'script',
      globals: {
        addEventListener: 'readonly', clearTimeout: 'readonly', document: 'readonly', fetch: 'readonly', getComputedStyle: 'readonly',
        Intl: 'readonly', matchMedia: 'readonly', setTimeout: 'readonly', uPlot: 'readonly',
      },
    },
    rules: PLAIN_RULES,
  },
  {
    // They run in a folder of their own, which has the packages that they import.
    files: ['test/deploy/browser/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', document: 'readonly', process: 'readonly' } },
    rules: PLAIN_RULES,
  },
);
