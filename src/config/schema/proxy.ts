/** Schema of one entry of `proxy`: the proxy in front of the memcacheds. Ours; keepalived has none. */
import * as z from 'zod/mini';
import { REFILL_BYTES, REFILL_ITEMS } from '../bundled-proxy.ts';
import { parseEndpoint } from '../endpoint.ts';
import { command, must, oneOf, parsed, section, whole } from './fields.ts';
import { memcachedEndpoint } from './memcached.ts';

/** The programs that we know how to start, and `command` for any other. */
export const ENGINES = ['bundled', 'magent', 'nutcracker', 'memcached-proxy', 'command'] as const;

const servers = () =>
  z._default(z.array(memcachedEndpoint(), must('a list, such as [192.168.100.101:11211]')), []);

export const proxy = section(
  {
    listen: parsed((text) => parseEndpoint(text, null), 'HOST:PORT').check(
      z.describe('HOST:PORT that clients connect to, usually on the virtual address.'),
    ),
    servers: servers().check(z.describe("The memcacheds, as magent's -s.")),
    backups: servers().check(z.describe("The memcacheds that hold the second copy, as magent's -b.")),
    run: z
      ._default(oneOf(['on_master', 'always']), 'on_master')
      .check(z.describe('on_master: only while the virtual address is here. always: warm standby.')),
    engine: z
      .optional(oneOf(ENGINES))
      .check(z.describe('The program: the bundled proxy by default, or command when there is one.')),
    refill_items: z
      ._default(whole(0, 10_000_000), REFILL_ITEMS)
      .check(z.describe('Items per second that a copy which came back is refilled with; 0: no bound.')),
    refill_bytes: z
      ._default(whole(0, 10_000_000_000), REFILL_BYTES)
      .check(z.describe('Bytes per second of such a refill; 0: no bound.')),
    command: z
      .optional(z.nullable(command()))
      .check(z.describe('Any other program; {listen}, {host} and {port} are filled in.')),
  },
  'a map with at least listen',
);
