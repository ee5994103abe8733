import * as fs from 'node:fs';
import { Socket } from 'node:net';
import * as path from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { Clients } from '../../../local/cloud/clients';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
const caFile = path.join(folder.root, 'ca.pem');
const url = 'https://127.0.0.1:1';

beforeAll(() => {
  fs.writeFileSync(caFile, 'read when a connection is made');
});
afterAll(() => {
  folder.remove();
});

/** Clients, and a connection on which one of them waits for an answer. */
function waiting(): { readonly clients: Clients; readonly connection: Socket } {
  const clients = new Clients({
    emulator: url, iot: url, sageMaker: url, greengrass: url, applicationAutoScaling: url, ecs: url, codeBuild: url, codeCommit: url,
    caFile, root: { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' },
  });
  const connection = new Socket();
  Object.assign(clients.settings.requestHandler.httpsAgent.sockets, { [url]: [connection] });
  return { clients, connection };
}

test('a client that is made with the same settings ends without ending what others wait for', async () => {
  const { clients, connection } = waiting();
  const s3 = new S3Client({ ...clients.settings, maxAttempts: 1 });
  await expect(s3.send(new ListBucketsCommand({}))).rejects.toThrow(); // it takes its handler with its first request
  s3.destroy();
  expect(connection.destroyed).toBe(false);
  clients.close();
});

test('all connections end with the clients', () => {
  const { clients, connection } = waiting();
  clients.close();
  expect(connection.destroyed).toBe(true);
});
