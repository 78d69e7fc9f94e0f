/** A client that knows what it wrote: the test's side of the program in register-main.ts. */
import { until } from '../../../src/lab/await.ts';
import type { Standing as Answers } from '../../../src/lab/client-ledger.ts';
import type { Host } from '../../../src/lab/host.ts';
import { bundle } from '../../netns/support/bundle.ts';

/** A read that returned what it must not: nothing, an older value than it had before, or one that nobody wrote. */
export interface Lapse {
  readonly t: number;
  readonly kind: 'miss' | 'stale' | 'wrong';
  readonly what: string;
  /** When its value was last stored. */
  readonly storedAt: number;
  /** What was asked of its key last and answered, oldest first, with this read. */
  readonly history: readonly Asked[];
}

/** One request of the client; `answer` is null where none came. Times are ms on CLOCK_MONOTONIC. */
export interface Asked {
  readonly sent: number;
  readonly ended: number;
  readonly request: string;
  readonly answer: string | null;
  /** Its port, to be found in a capture or among a proxy's sockets. */
  readonly port: number | null;
}

export interface Standing extends Answers {
  /** Requests that had no answer, or an error for one. */
  readonly failures: number;
  readonly lapses: readonly Lapse[];
}

export interface Register {
  /** What happened since then (ms on CLOCK_MONOTONIC). */
  standing(since: number): Promise<Standing>;
  /** As `standing`, after each key was read once more, and written anew if more than one value might be there. */
  settled(since: number): Promise<Standing>;
}

let program: Promise<readonly string[]> | null = null;

/** Starts it in the host; resolves with the first answer. It ends with the lab. */
export async function startRegister(host: Host, target: string): Promise<Register> {
  program ??= bundle(`
    import { serveRegister } from './test/bench/support/register-main.ts';
    serveRegister(process.argv[2]);
  `);
  const client = host.spawn([...(await program), target]);
  const waiting: ((standing: Standing) => void)[] = [];
  client.stdout.onLine(({ text }) => waiting.shift()?.(JSON.parse(text) as Standing));
  const ask = (order: object) =>
    new Promise<Standing>((resolve, reject) => {
      if (!client.running()) throw new Error(`the client has ended; it said: ${client.stderr.text()}`);
      const late = setTimeout(() => reject(new Error('the client does not say how it stands')), 10_000);
      waiting.push((answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      client.stdin.write(`${JSON.stringify(order)}\n`);
    });
  const standing = (since: number) => ask({ since });
  await until(
    `the client is answered at ${target}`,
    async () => (await standing(0)).firstAnswer !== null,
    {},
  );
  return { standing, settled: (since) => ask({ since, settled: true }) };
}
