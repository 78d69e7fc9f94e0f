/** Schema of `global_defs`. */
import * as z from 'zod/mini';
import { parseEndpoint } from '../endpoint.ts';
import {
  flag,
  matching,
  must,
  oneOf,
  parsed,
  scalarText,
  seconds,
  section,
  userName,
  whole,
} from './fields.ts';
import { garpDelay, garpRepeat, version } from './vrrp-fields.ts';

/** Where `/metrics` is served when nothing is said, and the port of a peer that is given without one. */
export const METRICS_LISTEN = '127.0.0.1:9650';
export const METRICS_PORT = 9650;

/** A pair has one peer; each is asked whenever somebody looks at the status. */
const MOST_PEERS = 16;

// sun_path holds 108 bytes with the closing NUL (unix(7)); a longer path would be cut in silence.
const SOCKET_PATH = /^\/[!-~]{1,106}$/;

const metrics = section(
  {
    listen: z
      ._default(
        parsed((text) => parseEndpoint(text, null), 'HOST:PORT'),
        METRICS_LISTEN,
      )
      .check(z.describe('HOST:PORT that serves the page at /, /metrics, /healthz and /status.')),
    // Without _default: what holds when it is left out depends on others, see ../build/metrics-peers.ts.
    peers: z
      .optional(
        z
          .array(
            parsed((text) => parseEndpoint(text, METRICS_PORT), 'HOST or HOST:PORT'),
            must('a list of HOST or HOST:PORT'),
          )
          .check(z.maxLength(MOST_PEERS, must(`a list of at most ${MOST_PEERS}`))),
      )
      .check(
        z.describe(
          'The metrics listeners of the other hosts, asked for `status`. Default: the hosts of unicast_peer at the port of listen, unless that is a loopback address.',
        ),
      ),
  },
  'a map with listen and peers, or null to turn metrics off',
);

const log = section(
  {
    level: z
      ._default(oneOf(['trace', 'debug', 'info', 'warn', 'error']), 'info')
      .check(z.describe('Least severe level that is logged.')),
  },
  'a map with level',
);

// Without _default: what holds when one of them is left out depends on others, see ../inherited.ts.
const instanceDefaults = {
  vrrp_version: version().check(z.describe('VRRP version of the instances, 2 by default.')),
  vrrp_garp_master_delay: garpDelay().check(z.describe("The instances' garp_master_delay, 5 by default.")),
  vrrp_garp_master_repeat: garpRepeat(1).check(
    z.describe("The instances' garp_master_repeat, 5 by default."),
  ),
  vrrp_garp_master_refresh: garpDelay().check(
    z.describe("The instances' garp_master_refresh, 0 by default."),
  ),
  vrrp_garp_master_refresh_repeat: garpRepeat(1).check(
    z.describe("The instances' garp_master_refresh_repeat, 1 by default."),
  ),
  vrrp_garp_lower_prio_delay: garpDelay().check(
    z.describe("The instances' garp_lower_prio_delay, vrrp_garp_master_delay by default."),
  ),
  vrrp_garp_lower_prio_repeat: garpRepeat(0).check(
    z.describe("The instances' garp_lower_prio_repeat, vrrp_garp_master_repeat by default."),
  ),
  vrrp_min_garp: z
    ._default(flag(), false)
    .check(
      z.describe(
        'One gratuitous ARP instead of two bursts of five, where the keys above do not say otherwise.',
      ),
    ),
  vrrp_down_timer_adverts: z
    .optional(whole(1, 100))
    .check(z.describe("The instances' down_timer_adverts, 3 by default.")),
  vrrp_lower_prio_no_advert: z
    .optional(flag())
    .check(z.describe("The instances' lower_prio_no_advert, false by default.")),
  vrrp_higher_prio_send_advert: z
    .optional(flag())
    .check(z.describe("The instances' higher_prio_send_advert, true by default (false in keepalived).")),
};

const fifo = () =>
  z
    .optional(matching(/^\/[!-~]{1,4095}$/, 'an absolute path without spaces'))
    .check(z.describe('A named pipe that gets a line for each transition; notify_fifo is the same.'));

export const globalDefs = section(
  {
    router_id: z
      .optional(scalarText('a name for this host'))
      .check(z.describe('Name of this host; its host name by default.')),
    script_user: z
      .optional(userName())
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
    vrrp_startup_delay: z
      ._default(seconds(0, 4294), 0)
      .check(z.describe('Seconds after the start before the instances begin.')),
    vrrp_rt_priority: z
      ._default(whole(0, 99), 0)
      .check(z.describe('Real-time priority (SCHED_RR) of the daemon, 1 to 99; 0 for none.')),
    vrrp_notify_fifo: fifo(),
    notify_fifo: fifo(),
    ...instanceDefaults,
    log: z._default(log, { level: 'info' }).check(z.describe('JSON log on stdout.')),
  },
  'a map of global settings',
);
