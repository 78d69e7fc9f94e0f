/** Serves the proxy's counters to Prometheus, and nothing else. */
import { createServer, type Server } from 'node:http';
import type { Address } from './options.ts';
import { metricsText } from './statistics.ts';
import type { ProxyState } from './types.ts';

/** Listens at `address` for GET /metrics; fails when the address cannot be had. */
export function startMetrics(proxy: ProxyState, { host, port }: Address): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(proxy));
  });
  server.requestTimeout = 5000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve(server);
    });
  });
}
