import { S3Client } from '@aws-sdk/client-s3';
import { objectCall } from '../../../local/states/objects';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';
import { text as bodyOf } from 'node:stream/consumers';

let server: RunningServer;
let s3: S3Client;
const objects = new Map<string, string>();

beforeAll(async () => {
  server = await listen(answering(async (request, response) => {
    const { method, url = '', headers } = request;
    const [path = ''] = url.split('?');
    const error = (status: number, code: string, message: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    };
    if (path.startsWith('/closed')) {
      error(403, 'AccessDenied', 'Access Denied');
    } else if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) {
      objects.set(path, `copy of ${String(headers['x-amz-copy-source'])}`);
      response.writeHead(200, { 'x-amz-version-id': 'v7' }).end('<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>');
    } else if (method === 'PUT') {
      objects.set(path, await bodyOf(request));
      response.writeHead(200).end();
    } else if (objects.has(path)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(objects.get(path));
    } else {
      error(404, 'NoSuchKey', 'The specified key does not exist.');
    }
  }));
  s3 = new S3Client({
    endpoint: server.url, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
});
afterAll(async () => {
  s3.destroy();
  await server.close();
});

describe('a task that calls S3', () => {
  test('writes its body as JSON, and reads it back as a text', async () => {
    await objectCall(s3, 'putObject', { Bucket: 'b', Key: 'record.json', Body: { job: 'a' }, ContentType: 'application/json' });
    expect(await objectCall(s3, 'getObject', { Bucket: 'b', Key: 'record.json' })).toMatchObject({ Body: '{"job":"a"}' });
  });

  test('writes a text in quotes, as Step Functions does', async () => {
    await objectCall(s3, 'putObject', { Bucket: 'b', Key: 'text', Body: 'a' });
    expect(await objectCall(s3, 'getObject', { Bucket: 'b', Key: 'text' })).toMatchObject({ Body: '"a"' });
  });

  test('copies, and gives the version of the copy', async () => {
    expect(await objectCall(s3, 'copyObject', { Bucket: 'b', Key: 'winner', CopySource: 'b/model.tar.gz' })).toMatchObject({ VersionId: 'v7' });
  });

  test('fails with the name that a pipeline catches where there is no such object', async () => {
    await expect(objectCall(s3, 'getObject', { Bucket: 'b', Key: 'nothing' })).rejects.toMatchObject({ name: 'S3.NoSuchKeyException' });
  });

  test('fails with the general error of S3 where access is denied', async () => {
    await expect(objectCall(s3, 'getObject', { Bucket: 'closed', Key: 'a' })).rejects.toMatchObject({ name: 'S3.S3Exception' });
  });

  test.each([
    ['a member that nobody here knows', { Bucket: 'b', Key: 'a', Range: 'bytes=0-1' }, /'Range'/],
    ['no key', { Bucket: 'b' }, /'Key' is required/],
  ])('fails with %s', async (_, input, message) => {
    await expect(objectCall(s3, 'getObject', input)).rejects.toMatchObject({ name: 'States.Runtime', message: expect.stringMatching(message) as unknown });
  });
});
