/** Schema of one entry of `memcached`: a memcached that is probed. Ours; keepalived has none. */
import * as z from 'zod/mini';
import { parseEndpoint } from '../endpoint.ts';
import { command, parsed, seconds, section, whole } from './fields.ts';

/** The port that IANA assigned to memcached. */
export const MEMCACHED_PORT = 11211;

/** HOST or HOST:PORT of a memcached. */
export function memcachedEndpoint() {
  return parsed((text) => parseEndpoint(text, MEMCACHED_PORT), 'HOST or HOST:PORT');
}

export const memcached = section(
  {
    address: memcachedEndpoint().check(z.describe('HOST or HOST:PORT; the port is 11211 by default.')),
    interval: z._default(seconds(0.01, 86400), 1).check(z.describe('Seconds between two `stats`.')),
    timeout: z._default(seconds(0.01, 86400), 0.5).check(z.describe('Seconds an answer may take.')),
    fall: z
      ._default(whole(1), 2)
      .check(
        z.describe(
          'Timeouts or bad answers in a row that make it down; a refused connection is final at once.',
        ),
      ),
    rise: z._default(whole(1), 2).check(z.describe('Good answers in a row that make it up again.')),
    peer: z
      .optional(memcachedEndpoint())
      .check(
        z.describe("HOST or HOST:PORT of the other host's copy, asked as often, for `warm`; for {peer}."),
      ),
    command: z
      .optional(z.nullable(command()))
      .check(
        z.describe(
          'The program, in the foreground, for the daemon to run it; {host}, {port} and {peer} are filled in.',
        ),
      ),
  },
  'a map with at least address',
);
