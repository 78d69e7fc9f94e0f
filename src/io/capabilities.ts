/** Which of the capabilities that we need this process has. */
import { readFileSync } from 'node:fs';

/** Bits of capability.h. */
const NEEDED: Readonly<Record<string, bigint>> = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n };

/** Names of the needed capabilities that are missing from the effective set; empty: all is well. */
export function missingCapabilities(): string[] {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const effective = BigInt(`0x${match?.[1] ?? '0'}`);
  return Object.entries(NEEDED)
    .filter(([, bit]) => ((effective >> bit) & 1n) === 0n)
    .map(([name]) => name);
}
