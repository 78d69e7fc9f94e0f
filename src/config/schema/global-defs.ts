/** Schema of `global_defs`. */
import * as z from 'zod/mini';
import { parseEndpoint } from '../endpoint.ts';
import { matching, oneOf, parsed, scalarText, section } from './fields.ts';

/** Where `/metrics` is served when nothing is said. */
export const METRICS_LISTEN = '127.0.0.1:9650';

// sun_path holds 108 bytes with the closing NUL (unix(7)); a longer path would be cut in silence.
const SOCKET_PATH = /^\/[!-~]{1,106}$/;

const metrics = section(
  {
    listen: z
      ._default(
        parsed((text) => parseEndpoint(text, null), 'HOST:PORT'),
        METRICS_LISTEN,
      )
      .check(z.describe('HOST:PORT that serves /metrics, /healthz and /status.')),
  },
  'a map with listen, or null to turn metrics off',
);

const log = section(
  {
    level: z
      ._default(oneOf(['trace', 'debug', 'info', 'warn', 'error']), 'info')
      .check(z.describe('Least severe level that is logged.')),
  },
  'a map with level',
);

export const globalDefs = section(
  {
    router_id: z
      .optional(scalarText('a name for this host'))
      .check(z.describe('Name of this host; its host name by default.')),
    script_user: z
      .optional(matching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, 'the name of one user'))
      .check(
        z.describe(
          "Who hooks and scripts run as. Default as keepalived's: keepalived_script when that user exists, else the daemon's own.",
        ),
      ),
    control: z
      ._default(
        matching(SOCKET_PATH, 'an absolute path of at most 107 characters, without spaces'),
        '/run/memcache-ha/control.sock',
      )
      .check(z.describe('Path of the control socket.')),
    metrics: z
      ._default(z.nullable(metrics), { listen: METRICS_LISTEN })
      .check(z.describe('The metrics server; null turns it off.')),
    log: z._default(log, { level: 'info' }).check(z.describe('JSON log on stdout.')),
  },
  'a map of global settings',
);
