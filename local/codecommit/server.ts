import { openDoor } from '../service/door';
import type { RunningServer } from '../service/http-server';
import { Service } from '../service/service';
import type { CodeCommitOptions } from './contracts';
import { GitDoor } from './git-door';
import { Repositories } from './repositories';

export interface RunningCodeCommit {
  /** The API: http. */
  readonly api: RunningServer;
  /** What git talks to. */
  readonly git: RunningServer;
  close(): Promise<void>;
}

/**
 * A stand-in for CodeCommit, which the emulator lacks: its API for repositories, branches and commits, and git's smart protocol in front of
 * bare repositories, with the signatures of git-remote-codecommit and of the AWS CLI's credential helper. Not modelled: pull requests,
 * triggers, approvals, files by the API, SSH, credentials of IAM users for git, the conditions of IAM's `codecommit:References`.
 */
export async function startCodeCommit(options: CodeCommitOptions): Promise<RunningCodeCommit> {
  const { region, authority, log } = options;
  const repositories = new Repositories(options);
  const table = repositories.operations();
  const service = new Service({ id: 'CodeCommit', operations: () => table, authority });
  const api = await openDoor({ region, authority, log, services: [service] });
  const git = await new GitDoor(options, repositories).open();
  return {
    api, git,
    close: async () => {
      await Promise.all([api.close(), git.close()]);
    },
  };
}
