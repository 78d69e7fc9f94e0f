/** Which capabilities this process has; see capabilities(7). */
import { readFileSync } from 'node:fs';

/** Bits of capability.h. */
const BITS = {
  CAP_KILL: 5n,
  CAP_SETGID: 6n,
  CAP_SETUID: 7n,
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
} as const;

type Capability = keyof typeof BITS;

/** Without these the daemon cannot do its work. */
const NEEDED: readonly Capability[] = ['CAP_NET_ADMIN', 'CAP_NET_RAW'];
/** What it takes to start programs as another user, and to end them. Root has them. */
const OF_OTHERS: readonly Capability[] = ['CAP_SETUID', 'CAP_SETGID', 'CAP_KILL'];

/** Names of the needed capabilities that are missing from the effective set; empty: all is well. */
export function missingCapabilities(): string[] {
  return missing(NEEDED);
}

/** True when this process may start programs as any user. */
export function mayBecomeOthers(): boolean {
  return missing(OF_OTHERS).length === 0;
}

function missing(wanted: readonly Capability[]): string[] {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const effective = BigInt(`0x${match?.[1] ?? '0'}`);
  return wanted.filter((name) => ((effective >> BITS[name]) & 1n) === 0n);
}
