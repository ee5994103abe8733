import { randomBytes } from 'node:crypto';
import { StorageError } from '../../service/contracts';
import { errorText } from '../../service/errors';
import { untar, type Files } from '../archive';
import type { Context } from '../context';
import { JobFailure } from '../job';
import { s3Place } from '../s3-uri';
import type { ContainerDefinition } from '../types';
import type { LogSink } from './contracts';
import { logGroup } from './errors';
import { ModelProcess } from './model-process';
import { ContainerProblem, servedModel } from './model-store';
import { container, type Model } from './models';

/** Why an endpoint does not get what it was to have: its FailureReason. */
export class EndpointFailure extends Error {}

/** Starts the containers of endpoints: fetches the model with the execution role's rights, unpacks and loads it. */
export class Containers {
  public constructor(private readonly context: Context, private readonly logSink: LogSink | undefined) {}

  /** Throws `EndpointFailure` in the service's words. */
  public async start(endpoint: string, variant: string, model: Model): Promise<ModelProcess> {
    const definition = container(model);
    const files = await this.modelData(definition, model.request.ExecutionRoleArn ?? '');
    const log = async (line: string): Promise<void> => {
      const stream = `${variant}/i-${randomBytes(8).toString('hex')}1`.slice(0, variant.length + 20);
      await this.logSink?.write(logGroup(endpoint), stream, [line]);
    };
    try {
      const served = servedModel(files, definition.Image ?? '', definition.Environment ?? {});
      const process = await ModelProcess.start(served);
      await log(`successfully loaded '${served.name}' version ${served.version}`);
      return process;
    } catch (error) {
      if (!(error instanceof ContainerProblem)) {
        throw error;
      }
      await log(error.message);
      throw new EndpointFailure(
        `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`,
        { cause: error },
      );
    }
  }

  private async modelData({ ModelDataUrl, ModelDataSource }: ContainerDefinition, roleArn: string): Promise<Files> {
    const uri = ModelDataUrl ?? ModelDataSource?.S3DataSource?.S3Uri;
    if (uri === undefined) {
      return new Map();
    }
    try {
      const { bucket, key } = s3Place(uri);
      return await unpacked(await this.context.options.storage.read(roleArn, bucket, key), uri);
    } catch (error) {
      if (error instanceof StorageError) {
        throw new EndpointFailure(`Failed to download model data for container "container_1" from URL: "${uri}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object.`, { cause: error });
      }
      throw error instanceof JobFailure ? new EndpointFailure(error.message, { cause: error }) : error;
    }
  }
}

async function unpacked(archive: Buffer, uri: string): Promise<Files> {
  try {
    return await untar(archive);
  } catch (error) {
    throw new EndpointFailure(
      `Failed to extract model data archive for container "container_1" from URL: "${uri}". Please ensure that the object located at the URL is a valid tar.gz archive. (${errorText(error)})`,
      { cause: error },
    );
  }
}
