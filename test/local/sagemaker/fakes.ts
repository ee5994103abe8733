import { readFileSync } from 'node:fs';

import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SagemakerEdgeClient } from '@aws-sdk/client-sagemaker-edge';

import { tar } from '../../../local/sagemaker/archive';
import type { ContainerJobOptions } from '../../../local/sagemaker/container-job/contracts';
import type { JobDelays } from '../../../local/sagemaker/contracts';
import type { Caller, CallerAuthority, KnownCaller, RequestLogEntry, RoleAliases, RoleStorage } from '../../../local/service/contracts';
import { ExpiredCallerError, StorageError, UnknownCallerError } from '../../../local/service/contracts';
import { startSageMakerStandIn, type RunningSageMaker } from '../../../local/sagemaker/server';
import type { MlflowOptions } from '../../../local/sagemaker/tracking/mlflow-process';
import * as models from '../../ocr-models';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/execution`;
export const ROOT_KEY = 'AKIAROOT00000001';
export const SECRET = 'test';
export const CONTROL = { authorization: 'Bearer token-of-the-test' };
export const HANDLER_KEY = 'ASIAHANDLER00001';
/** Of a session that is over. */
export const EXPIRED_KEY = 'ASIAEXPIRED00001';
export const HANDLER_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/handler/session`;
export const RECOGNISER = readFileSync(models.RECOGNISER);

export const arn = (resource: string): string => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`;

/** Knows root and one handler, which may do what `allowed` says. */
export class FakeAuthority implements CallerAuthority {
  public readonly asked: { readonly action: string; readonly resource: string }[] = [];
  public allowed: (action: string, resource: string) => boolean = () => true;
  public readonly trusted = new Set([ROLE]);

  public identify(accessKeyId: string): Promise<KnownCaller> {
    if (accessKeyId === ROOT_KEY) {
      return Promise.resolve({ caller: { arn: `arn:aws:iam::${ACCOUNT}:root`, isRoot: true }, secretAccessKey: SECRET });
    }
    if (accessKeyId === HANDLER_KEY) {
      return Promise.resolve({
        caller: { arn: HANDLER_ARN, roleArn: `arn:aws:iam::${ACCOUNT}:role/handler`, isRoot: false },
        secretAccessKey: SECRET,
      });
    }
    const error = accessKeyId === EXPIRED_KEY ? ExpiredCallerError : UnknownCallerError;
    return Promise.reject(new error(accessKeyId));
  }

  public authorize(_caller: Caller, action: string, resource: string): Promise<boolean> {
    this.asked.push({ action, resource });
    return Promise.resolve(this.allowed(action, resource));
  }

  public mayPassRole(caller: Caller, roleArn: string): Promise<boolean> {
    return this.authorize(caller, 'iam:PassRole', roleArn);
  }

  public trustsService(roleArn: string): Promise<boolean> {
    return Promise.resolve(this.trusted.has(roleArn));
  }
}

/** Buckets `models` and `output` here, `far` elsewhere; `refuse` decides what a role is denied. */
export class FakeStorage implements RoleStorage {
  public readonly objects = new Map<string, Buffer>();
  public readonly writes: { readonly uri: string; readonly roleArn: string; readonly kmsKeyId?: string }[] = [];
  public refuse: (action: string, roleArn: string) => boolean = () => false;

  public read(roleArn: string, bucket: string, key: string): Promise<Buffer> {
    if (this.refuse('s3:GetObject', roleArn)) {
      return this.denied('s3:GetObject', roleArn);
    }
    const body = this.objects.get(`s3://${bucket}/${key}`);
    return body ? Promise.resolve(body) : Promise.reject(new StorageError('NoSuchKey', 'The specified key does not exist.'));
  }

  public write(roleArn: string, bucket: string, key: string, body: Buffer, options?: { readonly kmsKeyId?: string }): Promise<void> {
    if (this.refuse('s3:PutObject', roleArn)) {
      return this.denied('s3:PutObject', roleArn);
    }
    if (bucket === 'absent') {
      return Promise.reject(new StorageError('NoSuchBucket', 'The specified bucket does not exist'));
    }
    this.objects.set(`s3://${bucket}/${key}`, body);
    this.writes.push({ uri: `s3://${bucket}/${key}`, roleArn, ...options });
    return Promise.resolve();
  }

  public list(roleArn: string, bucket: string, prefix: string): Promise<readonly string[]> {
    if (this.refuse('s3:ListBucket', roleArn)) {
      return this.denied('s3:ListBucket', roleArn);
    }
    if (bucket === 'absent') {
      return Promise.reject(new StorageError('NoSuchBucket', 'The specified bucket does not exist'));
    }
    const root = `s3://${bucket}/`;
    const found = [...this.objects.keys()].filter((uri) => uri.startsWith(root + prefix));
    return Promise.resolve(found.map((uri) => uri.slice(root.length)).sort());
  }

  public bucketRegion(_roleArn: string, bucket: string): Promise<string> {
    if (!['models', 'output', 'far'].includes(bucket)) {
      return Promise.reject(new StorageError('NoSuchBucket', 'The specified bucket does not exist'));
    }
    return Promise.resolve(bucket === 'far' ? 'eu-west-1' : REGION);
  }

  /** Puts a tar.gz of the files into `models`. */
  public async putArchive(key: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
    const uri = `s3://models/${key}`;
    this.objects.set(uri, await tar(new Map(Object.entries(files))));
    return uri;
  }

  public get(uri: string | undefined): Buffer {
    const body = this.objects.get(uri ?? '');
    if (!body) {
      throw new Error(`nothing at ${uri ?? 'no URI'}`);
    }
    return body;
  }

  private denied(action: string, roleArn: string): Promise<never> {
    return Promise.reject(new StorageError('AccessDenied', `User: ${roleArn} is not authorized to perform: ${action}`));
  }
}

/** A running stand-in with fakes around it, and SDK clients of root and of the handler. */
export interface Fixture {
  readonly standIn: RunningSageMaker;
  readonly authority: FakeAuthority;
  readonly storage: FakeStorage;
  readonly log: RequestLogEntry[];
  readonly root: SageMakerClient;
  readonly handler: SageMakerClient;
  readonly device: SagemakerEdgeClient;
  fault(body: object): Promise<Response>;
  close(): Promise<void>;
}

export async function startFixture(
  delays: JobDelays = { startingMs: 10, runningMs: 10 }, roleAliases?: RoleAliases, containerJobs: ContainerJobOptions = {},
  mlflow?: MlflowOptions, studioMs = 50,
): Promise<Fixture> {
  const authority = new FakeAuthority();
  const storage = new FakeStorage();
  const log: RequestLogEntry[] = [];
  const standIn = await startSageMakerStandIn({
    region: REGION, account: ACCOUNT, partition: 'aws', authority, storage, delays, containerJobs, studioMs, controlToken: 'token-of-the-test',
    log: { append: (entry) => { log.push(entry); } }, ...roleAliases ? { roleAliases } : {}, ...mlflow ? { mlflow } : {},
  });
  const config = (accessKeyId: string): {
    region: string;
    endpoint: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string };
  } =>
    ({ region: REGION, endpoint: standIn.url, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: SECRET } });
  const root = new SageMakerClient(config(ROOT_KEY));
  const handler = new SageMakerClient(config(HANDLER_KEY));
  const device = new SagemakerEdgeClient(config(HANDLER_KEY));
  return {
    standIn, authority, storage, log, root, handler, device,
    fault: (body) => fetch(`${standIn.url}/_stand-in/faults`, { method: 'POST', headers: CONTROL, body: JSON.stringify(body) }),
    close: async () => {
      for (const client of [root, handler, device]) {
        client.destroy();
      }
      await standIn.close();
    },
  };
}
