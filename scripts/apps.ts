import { existsSync, readdirSync } from 'node:fs';

export { DELIVERIES } from '../bin/sample-config';

/** The examples that are CDK apps, each with its app.ts. */
export function exampleApps(): string[] {
  return readdirSync('examples').filter((name) => existsSync(`examples/${name}/app.ts`));
}
