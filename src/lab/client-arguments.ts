/** The command line of `lab-client`, checked. Owns its defaults and bounds. */
import { isIPv4, isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';

export interface ClientArguments {
  readonly host: string;
  readonly port: number;
  /** Milliseconds between two requests. */
  readonly every: number;
  /** Milliseconds until a request is given up; 0: as long as TCP waits. */
  readonly giveUp: number;
  readonly key: string;
  readonly value: Buffer;
  /** Set the key before the first `get`. */
  readonly set: boolean;
  /** END and any value count as right answers too; an error line never does. */
  readonly expectAny: boolean;
  /** Seconds. */
  readonly duration: number;
  /** Milliseconds; longer gaps are told. */
  readonly threshold: number;
  /** Seconds until the key expires; 0: never. */
  readonly ttl: number;
}

/** Longer times memcached takes for a date (protocol.txt). */
const LONGEST_TTL = 2_592_000;

const OPTIONS = {
  target: { type: 'string' },
  every: { type: 'string', default: '1' },
  'give-up': { type: 'string', default: '20' },
  key: { type: 'string', default: 'memcache-ha-lab' },
  value: { type: 'string', default: 'right' },
  'no-set': { type: 'boolean', default: false },
  'expect-any': { type: 'boolean', default: false },
  duration: { type: 'string', default: '60' },
  threshold: { type: 'string', default: '5' },
  ttl: { type: 'string', default: '0' },
} as const;

/** The arguments, or what is wrong with them. */
export function parseClientArguments(
  argv: readonly string[],
): ClientArguments | { readonly mistake: string } {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true });
    return {
      ...target(values.target),
      every: number('every', values.every, 1, 60_000),
      giveUp: number('give-up', values['give-up'], 0, 600_000),
      key: key(values.key),
      value: Buffer.from(values.value),
      set: !values['no-set'],
      expectAny: values['expect-any'],
      duration: number('duration', values.duration, 0.1, 3600),
      threshold: number('threshold', values.threshold, 1, 60_000),
      ttl: Math.floor(number('ttl', values.ttl, 0, LONGEST_TTL)),
    };
  } catch (error) {
    return { mistake: (error as Error).message };
  }
}

function target(text: string | undefined): { host: string; port: number } {
  const parts = /^(?:\[([\da-f:]+)\]|([\d.]+)):(\d{1,5})$/i.exec(text ?? '');
  const [host, port] = [parts?.[1] ?? parts?.[2] ?? '', Number(parts?.[3] ?? 0)];
  const known = parts?.[1] === undefined ? isIPv4(host) : isIPv6(host);
  if (!known || port < 1 || port > 65_535)
    throw new Error('--target wants ADDRESS:PORT, e.g. 10.9.0.250:12000 or [fd00:9::250]:11211');
  return { host, port };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`--${name} wants a number from ${least} to ${most}, not ${text}`);
  }
  return value;
}

function key(text: string): string {
  // memcached's protocol: a key has at most 250 bytes and neither spaces nor control characters.
  if (!/^[\x21-\x7e]{1,250}$/.test(text))
    throw new Error('--key wants 1 to 250 printable characters without a space');
  return text;
}
