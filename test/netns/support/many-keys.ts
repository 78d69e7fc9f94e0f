/**
 * Many keys in the lab's client host, through the virtual address: written, deleted, read back, and read all the time while
 * something happens. A key's value says which key it is and how often it was written.
 */
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { bundle } from './bundle.ts';

/** What reads found: `wrong` are a few of the values that were neither missing nor expected. */
export interface Found {
  readonly reads: number;
  readonly hits: number;
  readonly misses: number;
  readonly wrong: readonly string[];
}

/** Keys `from` (inclusive) to `to` (exclusive). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ManyKeys {
  /** Sets keys to their value number `version`; @throws Error when one is not stored */
  write(range: Range, version: number): Promise<void>;
  remove(range: Range): Promise<void>;
  /** Reads each key once and expects its value number `version`. */
  read(range: Range, version: number): Promise<Found>;
  /** Reads the first two keys and random others, again and again, over connections that are made anew when they break. */
  watch(range: Range, version: number): Promise<void>;
  stopWatching(): Promise<Found>;
  end(): Promise<void>;
}

/** Starts the program; it ends by itself after three minutes. */
export async function startManyKeys(host: Host, target: string): Promise<ManyKeys> {
  const program = await bundle(`
    import { serveManyKeys } from './test/netns/support/many-keys-main.ts';
    serveManyKeys(process.argv[2]);
  `);
  const running = host.spawn([...program, target]);
  let asked = 0;
  const ask = async <T>(order: Record<string, unknown>, timeout = 60_000): Promise<T> => {
    const mine = asked++;
    running.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await until(
      `the keys' client did ${JSON.stringify(order)}; it says: ${running.stderr.text()}`,
      () => running.stdout.lines[mine],
      { timeout },
    );
    const { result, error } = JSON.parse(line.text) as { result: T; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return {
    write: (range, version) => ask({ act: 'write', ...range, version }),
    remove: (range) => ask({ act: 'remove', ...range }),
    read: (range, version) => ask({ act: 'read', ...range, version }),
    watch: (range, version) => ask({ act: 'watch', ...range, version }),
    stopWatching: () => ask({ act: 'stop' }),
    async end() {
      running.stdin.end();
      await running.exited;
    },
  };
}
