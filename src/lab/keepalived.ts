/** Debian's keepalived in a lab's host: the comparison, and the other end for interoperability. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './await.ts';
import type { Host } from './host.ts';
import type { LabProcess } from './process.ts';

export type KeepalivedState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

export interface Keepalived extends LabProcess {
  /** The state of an instance by its last log line; INIT before the first. */
  state(instance: string): KeepalivedState;
  /** Resolves when the instance is in that state; @throws Error after `timeout` ms (default 10 000). */
  waitState(instance: string, state: KeepalivedState, timeout?: number): Promise<void>;
  /** Its log lines, in order. */
  log(): string[];
}

let started = 0;

/**
 * Starts keepalived in the foreground with this configuration text, its pid files in the host's directory, and
 * resolves when its VRRP process has begun. SIGKILL to it leaves its VRRP process to end in an orderly way (it asks for SIGTERM
 * by a parent-death signal); `host.powerOff()` kills both.
 * @throws Error with its log when it refuses the configuration
 */
export async function startKeepalived(host: Host, configuration: string): Promise<Keepalived> {
  started += 1;
  const file = (suffix: string) => join(host.directory, `keepalived-${started}.${suffix}`);
  writeFileSync(file('conf'), configuration);
  const keepalived = host.spawn([
    ...['keepalived', '--dont-fork', '--log-console', '--log-detail', '--vrrp', '--use-file', file('conf')],
    ...['--pid', file('pid'), '--vrrp_pid', file('vrrp.pid'), '--checkers_pid', file('checkers.pid')],
  ]);
  const log = () => [...keepalived.stdout.lines, ...keepalived.stderr.lines].sort((x, y) => x.t - y.t);
  const texts = () => log().map((line) => line.text);
  await until(
    'keepalived reads its configuration',
    () => !keepalived.running() || texts().some((text) => VRRP_BEGUN.test(text)),
    {
      every: 5,
    },
  );
  if (!keepalived.running())
    throw new Error(`keepalived on ${host.name} ended at once:\n${texts().join('\n')}`);

  const state = (instance: string): KeepalivedState => {
    for (const text of texts().reverse()) {
      const entered = /\((\S+)\) Entering (MASTER|BACKUP|FAULT) STATE/.exec(text);
      if (entered?.[1] === instance) return entered[2] as KeepalivedState;
    }
    return 'INIT';
  };
  return {
    ...keepalived,
    state,
    log: texts,
    waitState: async (instance, wanted, timeout = 10_000) => {
      try {
        await until(`${instance} on ${host.name} is ${wanted}`, () => state(instance) === wanted, {
          timeout,
          every: 5,
        });
      } catch (error) {
        throw new Error(`${(error as Error).message}; keepalived's log:\n${texts().slice(-20).join('\n')}`);
      }
    },
  };
}

const VRRP_BEGUN = /VRRP sockpool|Entering (BACKUP|MASTER|FAULT) STATE/;
