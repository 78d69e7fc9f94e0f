/**
 * Asks another host's metrics listener for something in JSON: a GET with a bound on time and on size, over a connection
 * of its own. What the answer means is for whoever asks: it may come from another version, or from another program.
 */
import { get, type IncomingMessage } from 'node:http';
import type { Millis } from '../core/vrrp/parameters.ts';

export interface PeerQuestion {
  /** A name, an IPv4 address or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** e.g. `/status` */
  readonly path: string;
  /** For the look-up of the name, the connection and the whole answer together. */
  readonly timeout: Millis;
  /** Longest answer, in bytes. */
  readonly longest: number;
}

/** Resolves with the parsed JSON of a 200; rejects with a line for people. */
export function askPeer({ host, port, path, timeout, longest }: PeerQuestion): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string): void => {
      clearTimeout(timer);
      reject(new Error(detail));
      request.destroy();
    };
    const read = (response: IncomingMessage): void => {
      if (response.statusCode !== 200) return fail(`it answers ${path} with ${response.statusCode}`);
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > longest) return fail(`its answer is longer than ${longest} bytes`);
        chunks.push(chunk);
      });
      response.on('error', (error) => fail(describe(error)));
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
          clearTimeout(timer);
        } catch {
          fail('its answer is not JSON');
        }
      });
    };
    const request = get({ host, port, path, agent: false, headers: { accept: 'application/json' } }, read);
    request.on('error', (error) => fail(describe(error)));
    // Not the socket's own timeout, which every byte would put off.
    const timer = setTimeout(() => fail(`no answer within ${timeout} ms`), timeout);
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  ENOTFOUND: 'no such host name',
};

function describe(error: NodeJS.ErrnoException): string {
  return WORDS[error.code ?? ''] ?? error.code ?? error.message;
}
