import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The arrows of CONTRIBUTING.md. A later block replaces an earlier one for the same file, so each names everything
 * that its files may not import. Only type imports pass where `types` is true.
 */
const forbid = (files, folders, message, types = false) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [{ regex: `^\\.{1,2}/(.*/)?(${folders.join('|')})/`, message, allowTypeImports: types }],
    }],
  },
});

const OUTSIDE_LIB = ['lambda', 'local', 'agent', 'bin', 'test', 'examples', 'scripts'];

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
  forbid(['lib/private/**/*.ts'], OUTSIDE_LIB, 'lib imports nothing from outside lib'),
  forbid(['lib/{model,identity,capture}/**/*.ts'], [...OUTSIDE_LIB, 'edge-manager', 'greengrass', 'device'], 'the foundation never imports a higher layer'),
  forbid(['lib/agent/**/*.ts'], ['lambda', 'local', 'bin', 'test', 'examples', 'edge-manager', 'greengrass', 'device'], 'the agent layer imports only the foundation'),
  forbid(['lib/edge-manager/**/*.ts'], [...OUTSIDE_LIB, 'greengrass', 'device'], 'the two deliveries never import each other, nor the device layer'),
  forbid(['lib/greengrass/**/*.ts'], ['lambda', 'local', 'bin', 'test', 'examples', 'edge-manager', 'device'], 'the two deliveries never import each other, nor the device layer'),
  forbid(['lib/device/**/*.ts'], ['lambda', 'local', 'bin', 'test', 'examples'], 'lib imports nothing from outside lib'),
  forbid(['lambda/**/*.ts'], ['lib', 'local', 'bin', 'test', 'agent'], 'a handler takes only types from lib, and nothing else from outside lambda', true),
  forbid(['agent/**/*.ts'], ['lib', 'local', 'bin', 'test', 'lambda'], 'the agent takes only types from lib', true),
  forbid(['bin/**/*.ts', 'examples/**/*.ts'], ['local', 'test', 'lambda', 'private'], 'the sample app and the examples use the public library alone'),
);
