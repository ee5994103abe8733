import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Everything beside lib, as seen from a file in a folder of lib: there `../agent` is lib's own. */
const OUTSIDE_LIB = String.raw`^(\.\./)+(lambda|local|bin|bench|test|examples|scripts|assets)(/|$)|^(\.\./){2,}agent(/|$)`;
const layers = (...names) => String.raw`^\.\./(${names.join('|')})(/|$)`;
const folders = (...names) => String.raw`^(\.\./)+(${names.join('|')})(/|$)`;

/**
 * The arrows of CONTRIBUTING.md. A later block replaces an earlier one for the same file, so each names everything
 * that its files may not import: `never`, nor but for types what is in `typesOnly`.
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

export default defineConfig(
  globalIgnores(['test/lint/fixtures/', 'dist/', 'assets/', 'packages/', '**/cdk.out*/', '.local/', 'coverage/', 'agent/generated/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX, jsdoc },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }], // without ignoreExternal it walks aws-cdk-lib's .d.ts: 15 s
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/private/**'],
    rules: {
      'jsdoc/require-jsdoc': ['error', {
        publicOnly: true,
        contexts: ['TSInterfaceDeclaration', 'TSPropertySignature', 'TSEnumMember', 'TSEnumDeclaration', 'ClassDeclaration', 'MethodDefinition[accessibility="public"]'],
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
      }],
    },
  },
  forbid(['lib/*.ts'], 'lib imports nothing from outside lib', { never: [String.raw`^\.\./`] }),
  forbid(['lib/private/**/*.ts'], 'lib imports nothing from outside lib', { never: [OUTSIDE_LIB] }),
  forbid(['lib/{model,identity,capture}/**/*.ts'], 'the foundation never imports a higher layer', { never: [OUTSIDE_LIB, layers('agent', 'edge-manager', 'greengrass', 'device')] }),
  forbid(['lib/agent/**/*.ts'], 'the agent layer imports only the foundation', { never: [OUTSIDE_LIB, layers('edge-manager', 'greengrass', 'device')] }),
  forbid(['lib/edge-manager/**/*.ts'], 'the two deliveries never import each other, nor the device layer', { never: [OUTSIDE_LIB, layers('greengrass', 'device')] }),
  forbid(['lib/greengrass/**/*.ts'], 'the two deliveries never import each other, nor the device layer', { never: [OUTSIDE_LIB, layers('edge-manager', 'device')] }),
  forbid(['lib/device/**/*.ts'], 'lib imports nothing from outside lib', { never: [OUTSIDE_LIB] }),
  forbid(['lambda/**/*.ts'], 'a handler takes only types from lib, and nothing else from outside lambda', {
    never: [folders('local', 'bin', 'bench', 'test', 'agent', 'examples', 'scripts', 'assets')], typesOnly: folders('lib'),
  }),
  forbid(['agent/**/*.ts'], 'the agent takes only types from lib', {
    never: [folders('local', 'bin', 'bench', 'test', 'lambda', 'examples', 'scripts', 'assets')], typesOnly: folders('lib'),
  }),
  forbid(['bin/**/*.ts', 'examples/**/*.ts'], 'the sample app and the examples use the public library alone', {
    never: [folders('local', 'bench', 'test', 'lambda', 'agent', 'scripts', 'assets'), String.raw`^\.\./examples/`, '/private/'],
  }),
  forbid(['local/**/*.ts'], 'the local cloud knows of the sample app, and of no test', { never: [folders('bench', 'test', 'examples', 'lambda', 'scripts')] }),
);
