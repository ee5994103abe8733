import { signedCall } from '../../service/signed-call';
import { optionalText, record, tagChanges, tags, text, type Outcome, type Properties, type ResourceHandler } from './resource';

/** AWS::CodeCommit::Repository, without Code and Triggers. `Ref` is the repository's ID. */
export class RepositoryHandler implements ResourceHandler {
  public async create(properties: Properties): Promise<Outcome> {
    for (const name of ['Code', 'Triggers']) {
      if (properties[name] !== undefined) {
        throw new Error(`the local cloud makes repositories without ${name}`);
      }
    }
    const given = tags(properties);
    const { repositoryMetadata } = await call('CreateRepository', {
      repositoryName: text(properties, 'RepositoryName'), repositoryDescription: optionalText(properties, 'RepositoryDescription'),
      kmsKeyId: optionalText(properties, 'KmsKeyId'), ...given.length === 0 ? {} : { tags: asMap(given) },
    });
    return outcome(repositoryMetadata);
  }

  public async update(_physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    const [oldName, newName] = [text(old, 'RepositoryName'), text(properties, 'RepositoryName')];
    if (oldName !== newName) {
      await call('UpdateRepositoryName', { oldName, newName });
    }
    const description = optionalText(properties, 'RepositoryDescription');
    if (description !== optionalText(old, 'RepositoryDescription')) {
      await call('UpdateRepositoryDescription', { repositoryName: newName, repositoryDescription: description ?? '' });
    }
    const { repositoryMetadata } = await call('GetRepository', { repositoryName: newName });
    const now = outcome(repositoryMetadata);
    const { set, removed } = tagChanges(properties, old);
    const resourceArn = now.attributes?.Arn;
    if (set.length > 0) {
      await call('TagResource', { resourceArn, tags: asMap(set) });
    }
    if (removed.length > 0) {
      await call('UntagResource', { resourceArn, tagKeys: removed });
    }
    return now;
  }

  /** The service takes the deletion of what is not there. */
  public async delete(_physicalId: string, properties: Properties): Promise<void> {
    await call('DeleteRepository', { repositoryName: text(properties, 'RepositoryName') });
  }
}

function outcome(metadata: unknown): Outcome {
  const { repositoryId, Arn, repositoryName, cloneUrlHttp, cloneUrlSsh } = record({ metadata }, 'metadata');
  return {
    physicalId: String(repositoryId),
    attributes: { Arn: String(Arn), Name: String(repositoryName), CloneUrlHttp: String(cloneUrlHttp), CloneUrlSsh: String(cloneUrlSsh) },
  };
}

function asMap(pairs: readonly { readonly Key: string; readonly Value: string }[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
}

/** As the function's own role, like the SDK's clients. */
async function call(operation: string, input: object): Promise<Record<string, unknown>> {
  const {
    AWS_ENDPOINT_URL_CODECOMMIT: endpoint, AWS_REGION: region = 'us-east-1', AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (endpoint === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('AWS_ENDPOINT_URL_CODECOMMIT and the credentials of the function are not set');
  }
  return signedCall({
    service: 'CodeCommit', operation, input, endpoint, region,
    credentials: { accessKeyId, secretAccessKey, ...sessionToken === undefined ? {} : { sessionToken } },
  });
}
