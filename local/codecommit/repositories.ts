import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ServiceError } from '../service/errors';
import type { Operation, OperationTable } from '../service/operation';
import type {
  ArnInput, BranchInput, CodeCommitOptions, CommitInput, CreateInput, DescriptionInput, ListInput, RenameInput, Repository, RepositoryInput,
  TagInput, UntagInput,
} from './contracts';
import { askGit, tellGit } from './git';

/** Repositories as CodeCommit's API reference says of one page of them. */
const PAGE = 1000;
const COMMIT_ID = /^[0-9a-f]{40}$/;
const FIELDS = ['%H', '%T', '%P', '%an', '%ae', '%ad', '%cn', '%ce', '%cd', '%B'].join('%x00');

/** The repositories, and the operations on them. */
export class Repositories {
  private readonly repositories = new Map<string, Repository>();

  public constructor(private readonly options: Pick<CodeCommitOptions, 'region' | 'account' | 'partition' | 'folder'>) {}

  public get(name: string): Repository | undefined {
    return this.repositories.get(name);
  }

  public arn(name: string): string {
    const { partition, region, account } = this.options;
    return `arn:${partition}:codecommit:${region}:${account}:${name}`;
  }

  public operations(): OperationTable {
    const table = {
      CreateRepository: this.on<CreateInput>(async (input) => ({ repositoryMetadata: await this.described(await this.create(input)) })),
      DeleteRepository: this.on<RepositoryInput>(({ repositoryName }) => this.remove(repositoryName)),
      GetRepository: this.on<RepositoryInput>(async ({ repositoryName }) => (
        { repositoryMetadata: await this.described(this.find(repositoryName)) }
      )),
      UpdateRepositoryDescription: this.on<DescriptionInput>(({ repositoryName, repositoryDescription }) => {
        const repository = this.find(repositoryName);
        repository.description = repositoryDescription ?? '';
        repository.modifiedAt = Date.now();
        return undefined;
      }),
      GetBranch: this.on<BranchInput>((input) => this.branch(input)),
      GetCommit: this.on<CommitInput>((input) => this.commit(input)),
      ListBranches: this.on<RepositoryInput>(async ({ repositoryName }) => ({ branches: await branches(this.find(repositoryName)) })),
      ListRepositories: { run: (input: ListInput) => this.list(input) } satisfies Operation<ListInput>,
      UpdateRepositoryName: {
        resources: ({ oldName }: RenameInput) => [this.arn(oldName)],
        run: (input: RenameInput) => {
          this.rename(input);
          return undefined;
        },
      } satisfies Operation<RenameInput>,
      TagResource: this.onArn<TagInput>(({ resourceArn, tags }) => {
        const repository = this.byArn(resourceArn);
        repository.tags = { ...repository.tags, ...tags };
        return undefined;
      }),
      UntagResource: this.onArn<UntagInput>(({ resourceArn, tagKeys }) => {
        const repository = this.byArn(resourceArn);
        repository.tags = Object.fromEntries(Object.entries(repository.tags).filter(([key]) => !tagKeys.includes(key)));
        return undefined;
      }),
      ListTagsForResource: this.onArn<ArnInput>(({ resourceArn }) => ({ tags: this.byArn(resourceArn).tags })),
    };
    return table;
  }

  /** The first branch that is pushed becomes the default one. */
  public async pushed(repository: Repository): Promise<void> {
    repository.modifiedAt = Date.now();
    const [first] = await branches(repository);
    if (first !== undefined && await askGit(repository.folder, 'rev-parse', '--verify', '--quiet', 'HEAD') === undefined) {
      await tellGit(repository.folder, 'symbolic-ref', 'HEAD', `refs/heads/${first}`);
    }
  }

  private on<I extends RepositoryInput>(run: Operation<I>['run']): Operation<I> {
    return { resources: ({ repositoryName }) => [this.arn(repositoryName)], run };
  }

  private onArn<I extends ArnInput>(run: Operation<I>['run']): Operation<I> {
    return { resources: ({ resourceArn }) => [resourceArn], run };
  }

  private find(name: string): Repository {
    const found = this.repositories.get(name);
    if (!found) {
      throw new ServiceError('RepositoryDoesNotExistException', `${name} does not exist`);
    }
    return found;
  }

  private byArn(arn: string): Repository {
    return this.find(arn.slice(arn.lastIndexOf(':') + 1));
  }

  private async create(input: CreateInput): Promise<Repository> {
    const { repositoryName: name, repositoryDescription: description, tags = {}, kmsKeyId } = input;
    this.refuseTaken(name);
    const id = randomUUID();
    const folder = path.join(this.options.folder, `${id}.git`);
    const now = Date.now();
    const repository: Repository = {
      id, name, createdAt: now, modifiedAt: now, tags, folder, ...description === undefined ? {} : { description },
      ...kmsKeyId === undefined ? {} : { kmsKeyId },
    };
    this.repositories.set(name, repository); // before anything is awaited: a name is given once
    try {
      fs.mkdirSync(this.options.folder, { recursive: true, mode: 0o700 });
      await tellGit(this.options.folder, 'init', '--quiet', '--bare', '--initial-branch', 'main', folder);
    } catch (error) {
      this.repositories.delete(name);
      throw error;
    }
    return repository;
  }

  /** "If a repository has already been deleted, the only response is a null repository ID." */
  private remove(name: string): object {
    const repository = this.repositories.get(name);
    if (!repository) {
      return {};
    }
    this.repositories.delete(name);
    fs.rmSync(repository.folder, { recursive: true, force: true });
    return { repositoryId: repository.id };
  }

  private rename({ oldName, newName }: RenameInput): void {
    const repository = this.find(oldName);
    this.refuseTaken(newName);
    this.repositories.delete(oldName);
    repository.name = newName;
    repository.modifiedAt = Date.now();
    this.repositories.set(newName, repository);
  }

  private refuseTaken(name: string): void {
    if (this.repositories.has(name)) {
      throw new ServiceError('RepositoryNameExistsException', `Repository named ${name} already exists`);
    }
  }

  private list({ sortBy = 'repositoryName', order = 'ascending', nextToken }: ListInput): object {
    const key = (repository: Repository): string => (
      sortBy === 'repositoryName' ? repository.name : String(repository.modifiedAt).padStart(16, '0')
    );
    const sorted = [...this.repositories.values()].toSorted((a, b) => key(a) < key(b) ? -1 : 1);
    const ordered = order === 'ascending' ? sorted : sorted.reverse();
    const start = Number(nextToken ?? 0);
    if (!Number.isInteger(start) || start < 0) {
      throw new ServiceError('InvalidContinuationTokenException', 'the token is none of ListRepositories');
    }
    const end = start + PAGE;
    return {
      repositories: ordered.slice(start, end).map(({ name, id }) => ({ repositoryName: name, repositoryId: id })),
      ...end < ordered.length ? { nextToken: String(end) } : {},
    };
  }

  private async branch({ repositoryName, branchName }: BranchInput): Promise<object> {
    const { folder } = this.find(repositoryName);
    const found = await askGit(folder, 'rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branchName}^{commit}`);
    if (found === undefined) {
      throw new ServiceError('BranchDoesNotExistException', `Branch ${branchName} does not exist`);
    }
    return { branch: { branchName, commitId: found.trim() } };
  }

  private async commit({ repositoryName, commitId }: CommitInput): Promise<object> {
    const { folder } = this.find(repositoryName);
    if (!COMMIT_ID.test(commitId)) {
      throw new ServiceError('InvalidCommitIdException', `a commit ID must be the full SHA, got ${commitId}`);
    }
    const type = await askGit(folder, 'cat-file', '-t', commitId);
    if (type?.trim() !== 'commit') {
      throw new ServiceError('CommitIdDoesNotExistException', `Commit ${commitId} does not exist`);
    }
    const shown = await askGit(folder, 'show', '--no-patch', '--date=raw', `--format=${FIELDS}`, commitId) ?? '';
    const [id, treeId, parents = '', author, authorEmail, authorDate, committer, committerEmail, committerDate, message = ''] = shown.split('\0');
    return {
      commit: {
        commitId: id, treeId, parents: parents.split(' ').filter((parent) => parent !== ''), message: message.replace(/\n$/, ''),
        author: { name: author, email: authorEmail, date: authorDate },
        committer: { name: committer, email: committerEmail, date: committerDate }, additionalData: '',
      },
    };
  }

  private async described(repository: Repository): Promise<object> {
    const { id, name, description, kmsKeyId, createdAt, modifiedAt, folder } = repository;
    const { region, account } = this.options;
    const head = await askGit(folder, 'rev-parse', '--abbrev-ref', '--verify', '--quiet', 'HEAD');
    return {
      accountId: account, repositoryId: id, repositoryName: name, repositoryDescription: description, kmsKeyId,
      defaultBranch: head?.trim(), creationDate: createdAt / 1000, lastModifiedDate: modifiedAt / 1000, Arn: this.arn(name),
      cloneUrlHttp: `https://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`,
      cloneUrlSsh: `ssh://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`,
    };
  }
}

async function branches({ folder }: Repository): Promise<string[]> {
  const listed = await askGit(folder, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads') ?? '';
  return listed.split('\n').filter((name) => name !== '');
}
