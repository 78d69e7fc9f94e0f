/** A small HTTP listener for GET requests, for Prometheus and for people. Knows nothing of what it serves. */
import { createServer } from 'node:http';

/** Longest time for a request to arrive, in ms; an idle connection is closed after twice that. */
const REQUEST_DEADLINE = 5_000;
/** Scrapers are few; more connections than this are refused. */
const MAX_CONNECTIONS = 64;

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Besides the type, and that it is not to be kept. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpServer {
  close(): void;
}

/** Listens; rejects when it cannot (EADDRINUSE, EADDRNOTAVAIL). `answer` returns null for a path that is not there. */
export function serveHttp(
  host: string,
  port: number,
  answer: (path: string) => Promise<HttpAnswer | null>,
): Promise<HttpServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_DEADLINE,
      headersTimeout: REQUEST_DEADLINE,
      keepAliveTimeout: 2 * REQUEST_DEADLINE,
    },
    async (request, response) => {
      const send = ({ status, type, body, headers }: HttpAnswer): void => {
        response.writeHead(status, {
          ...{ 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
          ...headers,
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      };
      const text = (status: number, body: string): void =>
        send({ status, type: 'text/plain; charset=utf-8', body });
      if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'GET only\n');
      try {
        const path = (request.url ?? '/').split('?', 1)[0]!;
        const found = await answer(path);
        if (found === null) text(404, `nothing at ${path}\n`);
        else send(found);
      } catch (error) {
        text(500, `${(error as Error).message}\n`);
      }
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
