/** `memcache-ha run`: what cannot wait until the rest of the program is loaded, then the daemon (run-daemon.ts). */
import { startEarlyProxies } from '../daemon/proxies/early.ts';

/** As `runDaemon`. */
export async function run(argv: readonly string[]): Promise<number> {
  const early = startEarlyProxies(process.env);
  try {
    const { runDaemon } = await import('./run-daemon.ts');
    return await runDaemon(argv, early);
  } finally {
    early.close();
  }
}
