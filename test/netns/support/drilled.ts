/** The pairs that every drill is run on: what `import` makes of the two tutorials, and what is known of them beforehand. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../../src/lab/host.ts';
import { type Config, firstTutorial, PROXY, secondTutorial, VIP } from './pair.ts';
import type { Known } from './truth.ts';

export interface Drilled extends Known {
  readonly name: string;
  readonly config: (host: Host) => Config;
  /** Where clients ask. */
  readonly target: string;
  /** Does A take the address back when it is well again? */
  readonly preempts: boolean;
  /** Skew_Time and Master_Down_Interval of B in ms (RFC 3768 §6.1). */
  readonly skew: number;
  readonly masterDown: number;
  /** A memcached that hangs: after how many ms it is found at the latest, and what the fault then says. */
  readonly hang: { readonly found: number; readonly detail: string };
  /** What the proxy says when its port is taken; null: it ends without a word. */
  readonly portTaken: RegExp | null;
  /** What the hooks were told on this host, in its order; null: it has none. */
  readonly told: ((host: Host) => readonly string[]) | null;
}

const FIRST = {
  target: PROXY,
  priorities: { a: 100, b: 99 },
  hasProxy: true,
  preempts: true,
  skew: 613,
  masterDown: 3613,
  // Two timeouts, up to an interval before the first and the rest of one between them.
  hang: { found: 1000 + 500 + 500 + 500, detail: 'no answer within 500 ms' },
  portTaken: null,
  told: null,
} as const;

/** `import` without more: the bundled proxy takes magent's place. */
const bundled: Drilled = {
  ...FIRST,
  name: 'the first tutorial',
  config: (host) => firstTutorial(host, {}, null),
  portTaken: /EADDRINUSE/,
};

/** `import --proxy magent`. */
const magent: Drilled = { ...FIRST, name: 'the first tutorial with its magent', config: firstTutorial };

const second: Drilled = {
  name: 'the second tutorial',
  config: secondTutorial,
  target: `${VIP}:11211`,
  priorities: { a: 150, b: 100 },
  hasProxy: false,
  preempts: false,
  skew: 609,
  masterDown: 3609,
  // Three timeouts, each as long as the interval, and up to an interval before the first.
  hang: { found: 2000 + 3 * 2000, detail: 'no answer within 2000 ms' },
  portTaken: null,
  told: toldByNotifyScript,
};

export const DRILLED = { bundled, magent, second } as const;

/** The tutorial's notify.sh writes lines of `DATE TIME HOSTNAME is STATE`; lines of another kind are returned whole. */
export function toldByNotifyScript(host: Host): readonly string[] {
  const file = notifyLog(host);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.replace(/^\S+ \S+ \S+ is /, ''));
}

/** Where notify.sh writes. */
export function notifyLog(host: Host): string {
  return join(host.directory, 'keepalived-notify.log');
}
