/** What two runs of a program on this machine have in common until it is started anew. */
import { readFileSync } from 'node:fs';

let boot: string | null = null;

/** The boot that this process lives in, by the kernel's name for it; what was written during another one is void. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return boot;
}

/** CLOCK_MONOTONIC in ms: the time that all processes of a boot share. */
export function sinceBoot(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
