/** A file as a module with its text, as esbuild's loader `text` makes it. */
module.exports = { process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }) };
