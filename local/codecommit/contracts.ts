import type { ServiceOptions } from '../service/contracts';

/** The inputs of the operations, as the service's model has them. */
export interface RepositoryInput { readonly repositoryName: string }
export interface CreateInput extends RepositoryInput {
  readonly repositoryDescription?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly kmsKeyId?: string;
}
export interface DescriptionInput extends RepositoryInput { readonly repositoryDescription?: string }
export interface RenameInput { readonly oldName: string; readonly newName: string }
export interface ListInput { readonly sortBy?: string; readonly order?: string; readonly nextToken?: string }
export interface BranchInput extends RepositoryInput { readonly branchName: string }
export interface CommitInput extends RepositoryInput { readonly commitId: string }
export interface ArnInput { readonly resourceArn: string }
export interface TagInput extends ArnInput { readonly tags: Readonly<Record<string, string>> }
export interface UntagInput extends ArnInput { readonly tagKeys: readonly string[] }

/** A repository of CodeCommit, and where it is here. */
export interface Repository {
  readonly id: string;
  name: string;
  description?: string;
  readonly kmsKeyId?: string;
  readonly createdAt: number;
  modifiedAt: number;
  tags: Readonly<Record<string, string>>;
  /** A bare repository of git. */
  readonly folder: string;
}

export interface CodeCommitOptions extends Pick<ServiceOptions, 'region' | 'account' | 'partition' | 'log'> {
  readonly authority: Pick<ServiceOptions['authority'], 'identify' | 'authorize' | 'mayPassRole'>;
  /** Where the repositories are. It is made when the first one is. */
  readonly folder: string;
  /** Of what git talks to. Default: plain HTTP, for tests. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}
