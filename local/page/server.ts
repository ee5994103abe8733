import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSameText } from '../service/control-token';
import { errorText } from '../service/errors';
import { answering, listen, type RunningServer } from '../service/http-server';
import { PAGE_POLICY, pageHtml } from './page';
import type { PageContent } from './contracts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves the page of a local cloud. Its address has a token, so that a page elsewhere that finds the port gets nothing. It changes nothing,
 * and only the user of this machine who has started the cloud sees it.
 */
export async function startPage(token: string, read: () => Promise<PageContent>): Promise<RunningServer> {
  const path = `/${token}/`;
  const serve = async ({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isSameText(url, path)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('the address of the page is what `npm run local` has printed\n');
      return;
    }
    if (method !== 'GET') {
      response.writeHead(405, { 'content-type': 'text/plain', 'allow': 'GET' }).end('the page is for reading\n');
      return;
    }
    let text: string;
    try {
      text = pageHtml(await read());
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`the local cloud could not be read: ${errorText(error)}\n`);
      return;
    }
    response.writeHead(200, HEADERS).end(text);
  };
  const server = await listen(answering(serve), { ownPages: true });
  return { ...server, url: `${server.url}${path}` };
}
