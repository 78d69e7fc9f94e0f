/** When a host had an address: the kernel's own word, without asking again and again. */
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';

export interface Holding {
  /** Does the host have the address now? */
  now(): boolean;
  /** When it came (`held`) and went, oldest first, in ms on CLOCK_MONOTONIC; renewals are left out. */
  readonly changes: ReadonlyArray<{ readonly t: number; readonly held: boolean }>;
}

/** Watches one address of a host, which does not have it yet; ends with the lab. */
export async function watchHolding(host: Host, address: string): Promise<Holding> {
  const changes: Array<{ t: number; held: boolean }> = [];
  const monitor = host.spawn(['ip', '-o', 'monitor', 'address']);
  const now = () => changes.at(-1)?.held ?? false;
  monitor.stdout.onLine(({ t, text }) => {
    if (!text.includes(` ${address}/`)) return;
    const held = !text.startsWith('Deleted');
    if (held !== now()) changes.push({ t, held });
  });
  // Nothing is told of a monitor that listens, so one is made to be heard.
  const sign = '127.0.0.99';
  await until(`ip monitor on ${host.name} listens`, async () => {
    await host.exec(['ip', 'addr', 'add', `${sign}/32`, 'dev', 'lo'], { allowFailure: true });
    await host.exec(['ip', 'addr', 'del', `${sign}/32`, 'dev', 'lo'], { allowFailure: true });
    return monitor.stdout.text().includes(sign);
  });
  return { now, changes };
}
