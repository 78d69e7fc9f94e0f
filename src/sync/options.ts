/** The command line of `memcache-ha sync`. Pure. */
import { parseArgs } from 'node:util';
import type { Endpoint } from '../config/config.ts';
import { formatEndpoint, parseEndpoint } from '../config/endpoint.ts';
import type { RateBound } from './refill-types.ts';

export interface SyncOptions {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly rate: RateBound;
}

/** Leaves the 99th percentile of other clients' answers about where it is, on two cores. */
const DEFAULT_ITEMS = '20k';
const DEFAULT_BYTES = '32M';
const MEMCACHED_PORT = 11211;

export const USAGE = `usage: memcache-ha sync --from HOST:PORT --to HOST:PORT [--rate N] [--bytes-rate N]
  --from HOST:PORT   the memcached that has the items (1.6 or later)
  --to HOST:PORT     the memcached that is to have them; what it has already is not overwritten
  --rate N           at most so many items a second (${DEFAULT_ITEMS}; 0: as fast as it goes)
  --bytes-rate N     at most so many bytes a second (${DEFAULT_BYTES}; 0: as fast as it goes)
  -h, --help         this message
N may end in k, M or G (thousands), or Ki, Mi or Gi (1024s).

Flags and times to live are kept. A target that is smaller gets what was used last. Items are read without counting as
used. What cannot be guaranteed, because nothing puts clients' writes and the copy in one order:
  - a key that a client deletes during the copy may be back on the target afterwards;
  - a key that a client overwrites during the copy may have its old value on the target;
  - where the target has a key already its value stays, even when the source's is newer.
The refill inside memcache-ha's own proxy has none of these gaps.
`;

/** The options, the request for help, or what is wrong with the arguments. */
export type ParsedSync =
  | { readonly kind: 'options'; readonly options: SyncOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly reason: string };

export function parseSyncOptions(argv: readonly string[]): ParsedSync {
  const read = readWords(argv);
  if (typeof read === 'string') return wrong(read);
  if (read.help) return { kind: 'help' };
  const from = endpoint('--from', read.from);
  if (typeof from === 'string') return wrong(from);
  const to = endpoint('--to', read.to);
  if (typeof to === 'string') return wrong(to);
  if (formatEndpoint(from) === formatEndpoint(to)) return wrong('--from and --to are the same memcached');
  const items = parseAmount(read.rate);
  if (items === null) return wrong(`--rate is ${read.rate}, must be a number such as 20000 or 20k`);
  const bytes = parseAmount(read['bytes-rate']);
  if (bytes === null)
    return wrong(`--bytes-rate is ${read['bytes-rate']}, must be a number such as 32M or 64Mi`);
  return { kind: 'options', options: { from, to, rate: { items, bytes } } };
}

function wrong(reason: string): ParsedSync {
  return { kind: 'wrong', reason };
}

function readWords(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        rate: { type: 'string', default: DEFAULT_ITEMS },
        'bytes-rate': { type: 'string', default: DEFAULT_BYTES },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

function endpoint(option: string, text: string | undefined): Endpoint | string {
  if (text === undefined) return `${option} HOST:PORT is missing`;
  const parsed = parseEndpoint(text, MEMCACHED_PORT);
  return parsed.ok ? parsed.value : `${option} ${parsed.reason}`;
}

const AMOUNT = /^(\d+(?:\.\d+)?)([kKMG]i?)?B?$/;
const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3 };

/** A number with its unit; null when it is none. */
export function parseAmount(text: string): number | null {
  const match = AMOUNT.exec(text);
  if (match === null) return null;
  const unit = match[2] ?? '';
  const power = unit === '' ? 0 : POWERS[unit[0]!.toLowerCase()]!;
  const amount = Number(match[1]) * (unit.endsWith('i') ? 1024 : 1000) ** power;
  // Below one in a second there is no rate to keep, and it must not become "no bound".
  return amount > 0 && amount < 1 ? null : amount;
}
