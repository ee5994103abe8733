/** What the page has inlined. esbuild and the tests import these files as text. */
declare module '*.css' {
  const text: string;
  export default text;
}

declare module 'uplot/dist/uPlot.iife.min.js' {
  const text: string;
  export default text;
}
