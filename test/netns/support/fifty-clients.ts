/** Clients on hot keys and keys of their own, in the lab's client host: test/proxy/support/clients.ts as a program. */
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import type { Account } from '../../proxy/support/clients.ts';
import { bundle } from './bundle.ts';

/** How many clients, and on how many keys that all of them write. */
export const CLIENTS = 50;
const HOT_KEYS = 200;

export interface Clients {
  /** Ends them after the request that each has under way. */
  stop(): Promise<Account>;
}

/** Starts them at HOST:PORT; they go on until they are stopped, for 30 s at most. */
export async function startClients(host: Host, target: string): Promise<Clients> {
  const program = await bundle(`
    import { runClients } from './test/proxy/support/clients.ts';
    let over = false;
    process.stdin.on('data', () => { over = true; });
    setTimeout(() => { over = true; }, 30_000).unref();
    setTimeout(() => process.exit(2), 45_000).unref();
    runClients(process.argv[2], ${CLIENTS}, ${HOT_KEYS}, () => over).then(
      (account) => { process.stdout.write(JSON.stringify(account) + '\\n'); process.exit(0); },
      (error) => { process.stderr.write(String(error) + '\\n'); process.exit(1); },
    );
  `);
  const clients = host.spawn([...program, target]);
  return {
    async stop() {
      clients.stdin.write('over\n');
      const { code } = await clients.exited;
      if (code !== 0) throw new Error(`the clients ended with ${code}: ${clients.stderr.text()}`);
      // The last line may be read after the exit is known.
      const line = await until('the clients gave account', () => clients.stdout.lines[0], { timeout: 1000 });
      return JSON.parse(line.text) as Account;
    },
  };
}
