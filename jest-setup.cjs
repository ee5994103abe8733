// @ts-check
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/** Makes the folder of one run: for the agent's bundle, and for the scratch folders of its tests. Workers inherit the variable. */
module.exports = () => {
  process.env.AGENT_TEST_FOLDER = mkdtempSync(path.join(tmpdir(), 'ag-'));
};
