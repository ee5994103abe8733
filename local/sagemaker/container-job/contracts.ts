import type { LogSink } from '../hosting/contracts';

/** Where a job's program finds the credentials of its role: an endpoint as containers on AWS have it. */
export interface JobCredentials {
  /** Variables by which an SDK finds them. */
  grant(session: string, roleArn: string): {
    readonly AWS_CONTAINER_CREDENTIALS_FULL_URI: string; readonly AWS_CONTAINER_AUTHORIZATION_TOKEN: string;
  };
  revoke(session: string): Promise<void>;
}

/** What processing and training jobs need from around them. */
export interface ContainerJobOptions {
  /**
   * The jobs' folders are made here, and go with the jobs. Without blanks: commands of shells name it. Default: the system's
   * folder of temporary files.
   */
  readonly folder?: string;
  /**
   * Variables that the process of an image has besides those of its job: `PATH` leads to its programs. `folder` is the job's, and goes with
   * it. Undefined for an image that is not there. Default: `PATH` of this process, for each image.
   */
  readonly environment?: (imageUri: string, folder: string) => Promise<Readonly<Record<string, string | undefined>> | undefined>;
  /** Without it a job has no credentials. */
  readonly credentials?: JobCredentials;
  /** Without it the logs go nowhere. */
  readonly logSink?: LogSink;
}
