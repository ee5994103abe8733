import * as fs from 'node:fs';
import type { Endpoints } from './clients';
import { APP_VARIABLE } from '../bridge/app-variable';
import { ACCOUNT, REGION } from '../service/account';
import { bundledProgram } from '../service/programs';
import { cdkVariables, childEnvironment, cloudVariables, type Environment } from './environment';
import { CHECKOUT, inCheckout, type LocalFolder } from './folder';
import { LocalProblem } from './problem';
import type { Session } from './session';

/** One call of the CDK CLI. */
export interface CdkCall {
  /** For the log's name and messages. */
  readonly name: string;
  readonly args: readonly string[];
  /** The app: a command, or the folder of a cloud assembly. None for `bootstrap`. */
  readonly app?: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Instead of `app`: the assembly that the call of this name made, so that nothing is synthesized again. */
  readonly assembly?: string;
  /** More variables for the app. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line that the CLI prints. */
  readonly onLine?: (line: string) => void;
}

export interface CdkResult { readonly code: number; readonly output: string }

/** Whose CDK CLI it is, and what it is run in. */
export interface CdkPlace {
  /** The CLI's program. */
  readonly cli: string;
  /** Where the app is: the CLI takes cdk.json from there. */
  readonly cwd: string;
  /** What the app may read, beside the variables of the local cloud. */
  readonly environment: Environment;
}

/** The real CDK CLI, pointed at a local cloud. */
export class CdkCli {
  private readonly place: CdkPlace;

  public constructor(
    private readonly session: Session, private readonly folder: LocalFolder, private readonly endpoints: Endpoints, place?: CdkPlace,
  ) {
    this.place = place ?? { cli: inCheckout('node_modules', 'aws-cdk', 'bin', 'cdk'), cwd: CHECKOUT, environment: childEnvironment(folder) };
  }

  public async run(call: CdkCall): Promise<CdkResult> {
    const { name, app, assembly, context = {}, args } = call;
    const lines: string[] = [];
    const log = fs.openSync(this.folder.log(`cdk-${name}`), 'w');
    try {
      const { code } = await this.session.run({
        name: `cdk ${name}`, command: process.execPath,
        cwd: app === undefined ? this.folder.home : this.place.cwd, // cdk.json names the app, and has its context
        args: [
          this.place.cli,
          ...args,
          '--no-color',
          '--ci',
          '--no-notices',
          '--no-version-reporting',
          '--no-path-metadata',
          ...(assembly === undefined ? [] : ['--app', this.assembly(assembly)]),
          ...(app === undefined ? [] : ['--app', synthCommand(), '--output', this.assembly(name)]),
          ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
        ],
        env: {
          ...this.place.environment, ...cloudVariables(this.endpoints), ...cdkVariables(this.folder),
          ...app === undefined ? {} : { [APP_VARIABLE]: app }, ...call.env,
        },
        onLine: (line) => {
          lines.push(line);
          fs.writeSync(log, `${line}\n`);
          call.onLine?.(line);
        },
      });
      return { code, output: lines.join('\n') };
    } finally {
      fs.closeSync(log);
    }
  }

  /** As `run`, but a failure is a LocalProblem with what the CLI said about it. */
  public async must(call: CdkCall): Promise<CdkResult> {
    const result = await this.run(call);
    if (result.code === 0) {
      return result;
    }
    throw new LocalProblem(`cdk ${call.name} failed:`, [
      ...reasons(result.output),
      `The whole output: ${this.folder.log(`cdk-${call.name}`)}`,
    ]);
  }

  /** The folder of the assembly that the call of this name makes. */
  public assembly(name: string): string {
    return `${this.folder.cdkOut}-${name}`;
  }

  public async bootstrap(): Promise<void> {
    await this.must({ name: 'bootstrap', args: ['bootstrap', `aws://${ACCOUNT}/${REGION}`] });
  }
}

/** The command of an app in TypeScript of this checkout. */
export function typeScriptApp(file: string): string {
  return `node --import tsx ${JSON.stringify(file)}`;
}

/** What the CLI runs in place of the app: see local/bridge/synth.ts. Its first word has no quotes: yargs takes quotes at both ends away. */
function synthCommand(): string {
  const { execArgv, file } = bundledProgram('synth');
  return ['node', ...[...execArgv, file].map((part) => JSON.stringify(part))].join(' ');
}

/** The lines that say why: failed resources and the CLI's own error; else the last ones. */
export function reasons(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const rollback = /ROLLBACK_(COMPLETE|IN_PROGRESS)\s*\|\s*AWS::CloudFormation::Stack/;
  const telling = lines.filter((line) => /_FAILED\b|^\s*❌|^Error\b|\bError:|\[Error/.test(line) && !rollback.test(line));
  return telling.length > 0 ? [...new Set(telling)].slice(0, 12) : lines.slice(-12);
}
