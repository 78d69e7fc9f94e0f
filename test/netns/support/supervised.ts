/** A daemon under a supervisor that starts it again whenever it ends, as systemd's Restart=always does. */
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import { type Daemon, MEMCACHE_HA, watchDaemon, writeConfig } from './daemon.ts';

export interface Supervised {
  /** Its log is that of all runs together; its process is the supervisor. */
  readonly daemon: Daemon;
  /** SIGKILL to the daemon of the moment; when, in ms on CLOCK_MONOTONIC. */
  crash(): Promise<number>;
}

/** @param pause seconds between an end and the next start (RestartSec) */
export async function superviseDaemon(
  host: Host,
  config: Readonly<Record<string, unknown>>,
  pause = 0,
): Promise<Supervised> {
  const file = writeConfig(host, config);
  const loop = `while :; do "$@"; sleep ${pause}; done`;
  // As systemd has it, where the record of the run before is.
  const environment = ['env', `RUNTIME_DIRECTORY=${host.runDirectory}`];
  const words = [...environment, 'bash', '-c', loop, 'supervisor', ...MEMCACHE_HA, 'run', '--config', file];
  const daemon = watchDaemon(host, file, host.spawn(words));
  await until(`the daemon on ${host.name} answers`, () => daemon.status().then(() => true), { every: 10 });
  return {
    daemon,
    async crash() {
      const { pid } = await daemon.status();
      const at = monotonicNow();
      process.kill(pid, 'SIGKILL');
      return at;
    },
  };
}
