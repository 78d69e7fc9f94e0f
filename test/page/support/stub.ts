/** The page with its own policy, before a daemon that says what the test wants, or nothing. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildPage } from '../../../build-page.mjs';
import type { PairView } from '../../../src/daemon/pair-view.ts';

export interface Stub {
  readonly url: string;
  /** What `/pair` answers from now on; null: the connection is closed. */
  say(view: PairView | null): void;
  close(): void;
}

export async function startStub(view: PairView): Promise<Stub> {
  const { html, policy } = await buildPage();
  let said: PairView | null = view;
  const server = createServer((request, response) => {
    if (request.url === '/pair') {
      if (said === null) return void response.destroy();
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify(said));
    }
    if (request.url !== '/') return void response.writeHead(404).end();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', policy);
    response.end(html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    say(next) {
      said = next;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
