/** @stylistic/eslint-plugin 6.0.0 names `index.d.ts` as its types and ships `index.d.mts`. */
declare module '@stylistic/eslint-plugin' {
  import type { ESLint } from 'eslint';

  const plugin: ESLint.Plugin;
  export default plugin;
}
