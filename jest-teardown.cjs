// @ts-check
const { rmSync } = require('node:fs');

/** Removes what jest-setup.cjs has made; a deploy suite has a setup of its own, and no such folder. */
module.exports = () => {
  const folder = process.env.AGENT_TEST_FOLDER;
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
};
