import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as path from 'node:path';
import { ExpiredCallerError, UnknownCallerError, type Caller } from '../service/contracts';
import { deniedText, errorText } from '../service/errors';
import { answering, listen, type RunningServer } from '../service/http-server';
import { SignatureError } from '../service/signature';
import { parseCgiHead } from './cgi';
import type { CodeCommitOptions, Repository } from './contracts';
import { readGitCredentials, verifyGitCredentials } from './credentials';
import { gitEnvironment } from './git';
import type { Repositories } from './repositories';

/** git's two services, and what CodeCommit asks IAM for. */
const ACTIONS: Readonly<Record<string, string>> = { 'git-upload-pack': 'GitPull', 'git-receive-pack': 'GitPush' };
const TARGET = /^(\/v1\/repos\/([\w.-]{1,100}))\/(?:(info\/refs)\?service=(git-(?:upload|receive)-pack)|(git-(?:upload|receive)-pack))$/;

/** One request of git. */
interface Visit {
  /** `/v1/repos/<name>`, which is signed. */
  readonly place: string;
  readonly name: string;
  readonly action: string;
  /** Below the repository. */
  readonly file: string;
  readonly query: string;
}

/** An answer without git. */
class Refusal extends Error {
  public constructor(public readonly status: number, message: string, public readonly error: string, public readonly caller?: Caller) {
    super(message);
  }
}

/**
 * CodeCommit over HTTPS, for git itself: who may pull or push is settled here, and git's own `http-backend` does the rest. Statuses: 401
 * for git's first question, which has no credentials; 403 for a bad or old signature, and for who may not; 404 for a repository that is
 * not there. The texts are of this project.
 */
export class GitDoor {
  public constructor(private readonly options: CodeCommitOptions, private readonly repositories: Repositories) {}

  public async open(): Promise<RunningServer> {
    const { tls } = this.options;
    return listen(answering((request, response) => this.serve(request, response)), tls ? { tls } : {});
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const visit = visitOf(request);
    if (!visit) {
      refuse(request, response, new Refusal(404, 'git is spoken here by its smart protocol: /v1/repos/<repository>', ''));
      return;
    }
    let caller: Caller | undefined;
    let [status, error] = [200, ''];
    try {
      caller = await this.callerOf(request, visit);
      const repository = await this.admit(caller, visit);
      status = await this.backend(request, response, visit, repository);
      if (visit.action === 'GitPush' && request.method === 'POST') {
        await this.repositories.pushed(repository);
      }
      response.end();
    } catch (problem) {
      const refusal = problem instanceof Refusal ? problem : new Refusal(500, errorText(problem), 'InternalFailure');
      ({ status, error } = refusal);
      refuse(request, response, refusal);
    }
    if (status !== 401) { // git's first question is no call of anybody
      this.options.log.append({
        time, service: 'CodeCommit', operation: visit.action, input: { repositoryName: visit.name }, status,
        ...caller ? { caller: caller.arn } : {}, ...error === '' ? {} : { error },
      });
    }
  }

  private async callerOf({ headers }: IncomingMessage, { place }: Visit): Promise<Caller> {
    const { authority, region } = this.options;
    try {
      const credentials = readGitCredentials(headers.authorization);
      if (!credentials) {
        throw new Refusal(401, 'a user and a password are needed', 'MissingAuthenticationToken');
      }
      const { caller, secretAccessKey } = await authority.identify(credentials.accessKeyId, credentials.sessionToken);
      verifyGitCredentials(credentials, secretAccessKey, { host: headers.host ?? '', path: place, region });
      return caller;
    } catch (error) {
      if (error instanceof SignatureError || error instanceof UnknownCallerError || error instanceof ExpiredCallerError) {
        throw new Refusal(403, error.message, error.name);
      }
      throw error;
    }
  }

  private async admit(caller: Caller, { name, action }: Visit): Promise<Repository> {
    const arn = this.repositories.arn(name);
    const right = `codecommit:${action}`;
    if (!caller.isRoot && !await this.options.authority.authorize(caller, right, arn)) {
      throw new Refusal(403, deniedText(caller.arn, right, arn), 'AccessDeniedException');
    }
    const found = this.repositories.get(name);
    if (!found) {
      throw new Refusal(404, `${name} does not exist`, 'RepositoryDoesNotExistException');
    }
    return found;
  }

  /** As a web server runs a CGI program. Returns the status of its answer, which is written and not ended. */
  private async backend(
    request: IncomingMessage, response: ServerResponse, { file, query, action }: Visit, { folder }: Repository,
  ): Promise<number> {
    const { headers, method } = request;
    const child = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        ...gitEnvironment(), GIT_PROJECT_ROOT: path.dirname(folder), GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: `/${path.basename(folder)}/${file}`,
        QUERY_STRING: query, REQUEST_METHOD: method, CONTENT_TYPE: headers['content-type'] ?? '', GIT_PROTOCOL: headerOf(headers['git-protocol']),
        HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '', CONTENT_LENGTH: headers['content-length'] ?? '',
        ...action === 'GitPush' ? { REMOTE_USER: 'codecommit' } : {}, // without it http-backend refuses to receive
      },
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.stdin.on('error', () => undefined); // it has answered without reading all
      request.once('aborted', () => child.kill());
      request.pipe(child.stdin);
      let head = Buffer.alloc(0);
      let status = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        if (status !== 0) {
          response.write(chunk);
          return;
        }
        head = Buffer.concat([head, chunk]);
        const parsed = parseCgiHead(head);
        if (parsed) {
          ({ status } = parsed);
          response.writeHead(status, parsed.headers).write(parsed.rest);
        }
      });
      child.once('close', (code) => {
        if (status === 0) {
          reject(new Error(`git http-backend ended with ${code ?? 'a signal'} and no answer`));
          return;
        }
        resolve(status);
      });
    });
  }
}

function visitOf({ method, url = '' }: IncomingMessage): Visit | undefined {
  const [, place, name, refs, asked, service] = TARGET.exec(url) ?? [];
  const wanted = asked ?? service;
  if (place === undefined || name === undefined || wanted === undefined || method !== (refs === undefined ? 'POST' : 'GET')) {
    return undefined;
  }
  return { place, name, action: ACTIONS[wanted] ?? '', file: refs ?? wanted, query: refs === undefined ? '' : `service=${wanted}` };
}

/** What is left of a request is read, so that git gets to the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, { status, message }: Refusal): void {
  request.resume();
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="CodeCommit"' } : {};
  response.writeHead(status, { 'content-type': 'text/plain', ...challenge }).end(`${message}\n`);
}

function headerOf(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}
