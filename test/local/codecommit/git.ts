import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import * as path from 'node:path';
import { startCodeCommit, type RunningCodeCommit } from '../../../local/codecommit/server';
import type { RequestLogEntry } from '../../../local/service/contracts';
import { signedCall } from '../../../local/service/signed-call';
import { ACCOUNT, FakeAuthority, HANDLER_KEY, REGION, ROOT_KEY, SECRET } from '../sagemaker/fakes';
import { temporaryFolder } from '../temporary-folder';

/** How a call of git ended. */
export interface GitEnd { readonly code: number; readonly output: string }

/** A running stand-in, and git itself beside it. */
export class CodeCommitFixture {
  public readonly authority = new FakeAuthority();
  public readonly log: RequestLogEntry[] = [];
  private readonly folder = temporaryFolder();
  private running: RunningCodeCommit | undefined;

  public async start(): Promise<void> {
    this.running = await startCodeCommit({
      region: REGION, account: ACCOUNT, partition: 'aws', authority: this.authority, log: { append: (entry) => this.log.push(entry) },
      folder: path.join(this.folder.root, 'repositories'),
    });
  }

  public async close(): Promise<void> {
    await this.running?.close();
    this.folder.remove();
  }

  public get host(): string {
    return `localhost:${this.server.git.port}`;
  }

  public get apiUrl(): string {
    return this.server.api.url;
  }

  public async call(operation: string, input: object, accessKeyId = ROOT_KEY): Promise<Record<string, unknown>> {
    return signedCall({
      service: 'CodeCommit', operation, input, endpoint: this.apiUrl, region: REGION, credentials: { accessKeyId, secretAccessKey: SECRET },
    });
  }

  /** As git-remote-codecommit makes it. */
  public url(name: string, { accessKeyId = HANDLER_KEY, secret = SECRET, at = new Date() } = {}): string {
    const date = at.toISOString().replace(/[-:]|\.\d+Z$/g, '');
    const scope = [date.slice(0, 8), REGION, 'codecommit', 'aws4_request'];
    const request = createHash('sha256').update(`GIT\n/v1/repos/${name}\n\nhost:${this.host}\n\nhost\n`).digest('hex');
    const key = scope.reduce<string | Buffer>((from, part) => createHmac('sha256', from).update(part).digest(), `AWS4${secret}`);
    const signature = createHmac('sha256', key).update(['AWS4-HMAC-SHA256', date, scope.join('/'), request].join('\n')).digest('hex');
    return `http://${accessKeyId}:${date}Z${signature}@${this.host}/v1/repos/${name}`;
  }

  /** In a folder of the test's own; git reads no settings of whoever runs the test. */
  public async git(...args: readonly string[]): Promise<GitEnd> {
    const env = {
      PATH: process.env.PATH, HOME: this.folder.root, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', NO_PROXY: 'localhost', LANG: 'C',
      GIT_AUTHOR_NAME: 'Ana', GIT_AUTHOR_EMAIL: 'ana@example.com', GIT_COMMITTER_NAME: 'Ana', GIT_COMMITTER_EMAIL: 'ana@example.com',
    };
    return new Promise((resolve) => {
      const child = execFile('git', args, { cwd: this.folder.root, env }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      });
    });
  }

  /** A clone with one commit on `main`, which is pushed. Returns its ID. */
  public async fill(name: string): Promise<string> {
    await this.call('CreateRepository', { repositoryName: name });
    await this.git('init', '--quiet', '--initial-branch', 'main', name);
    await this.git('-C', name, 'commit', '--quiet', '--allow-empty', '--message', 'First\n\nIts reason.');
    await this.git('-C', name, 'push', '--quiet', this.url(name), 'main');
    return (await this.git('-C', name, 'rev-parse', 'HEAD')).output.trim();
  }

  private get server(): RunningCodeCommit {
    if (!this.running) {
      throw new Error('it is not started');
    }
    return this.running;
  }
}
