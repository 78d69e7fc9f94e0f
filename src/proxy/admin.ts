/** `stats`: magent's lines, then the proxy's counters; what tools read of memcached itself is passed on. */
import { enqueueOp, settleWith } from './output.ts';
import { readText } from './read.ts';
import { reply } from './reply.ts';
import { statLines } from './statistics.ts';
import type { Client } from './types.ts';
import { newOp } from './types.ts';

/** Answers `stats` with the words behind it. */
export function clientStats(client: Client, words: readonly string[]): void {
  const { proxy } = client;
  const [about] = words;
  switch (about) {
    case undefined: {
      const op = newOp(client);
      enqueueOp(client, op);
      // magent's lines come last: libmemcached reads no further than the first line that it does not know.
      const lines = [
        ...statLines(proxy).map(([name, value]) => `STAT ${name} ${value}`),
        ...matrixLines(client),
      ];
      settleWith(op, Buffer.from(`${lines.join('\r\n')}\r\nEND\r\n`, 'latin1'));
      return;
    }
    case 'reset':
      reply(client, 'RESET');
      return;
    case 'detail':
      reply(client, 'CLIENT_ERROR usage: stats detail on|off|dump');
      return;
    case 'cachedump':
      reply(client, 'CLIENT_ERROR stats cachedump not allowed');
      return;
    case 'settings':
    case 'items':
    case 'slabs':
    case 'sizes': {
      const op = newOp(client);
      enqueueOp(client, op);
      const pair =
        proxy.pairs.flat().find((candidate) => candidate.authority !== null) ?? proxy.pairs[0]![0]!;
      readText(op, pair, 'stats', `stats ${about}\r\n`);
      return;
    }
    default:
      reply(client, 'ERROR');
  }
}

/** magent's own: one line for each server, with the connections to it that are open. */
function matrixLines(client: Client): string[] {
  const { servers } = client.proxy.options;
  return servers.map(({ host, port }, index) => {
    const backend = client.proxy.pairs[index]![0]!.backends[0];
    return `matrix ${index + 1} -> ${host}:${port}, pool size ${backend.ready ? 1 : 0}`;
  });
}
