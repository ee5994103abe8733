// @ts-check
module.exports = {
  /**
   * A file as a module with its text, as esbuild's loader `text` makes it.
   *
   * @param {string} text
   */
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
};
