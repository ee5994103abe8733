import type { Caller, Credentials, RoleAssumer, SessionRegister } from '../service/contracts';

/** What ECS's task definition says of a container, as far as a process can follow it. */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly environment?: readonly { readonly name?: string; readonly value?: string }[];
  readonly logConfiguration?: { readonly logDriver?: string; readonly options?: Readonly<Record<string, string>> };
}

export interface TaskDefinition {
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
}

/** The emulator's books, read as root. */
export interface TaskDefinitions { find(taskDefinition: string): Promise<TaskDefinition | undefined> }

/** What ECS asks of IAM about a caller. */
export interface TaskAuthority extends SessionRegister {
  /** The caller's policies, with `ecs:cluster` settled. */
  mayInCluster(caller: Caller, action: string, resourceArn: string, clusterArn: string): Promise<boolean>;
  mayPassRole(caller: Caller, roleArn: string, service: string): Promise<boolean>;
  trustsService(roleArn: string, service: string): Promise<boolean>;
}

/** Sessions of task roles. */
export type TaskSessions = Pick<RoleAssumer, 'assume' | 'hold' | 'release'>;

/** Credentials as the container endpoint gives them. */
export interface TaskCredentials extends Required<Credentials> { readonly expiration: Date; readonly roleArn: string }
