/** One thing done to the pair at a time, with what the client and the election made of it; kept as rows of a table. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import type { Pair } from './pair.ts';
import type { Transition } from './service.ts';

export interface Row {
  readonly action: string;
  /** The client's longest time without a right answer, in ms. */
  readonly gap: number;
  /** Who became MASTER, in order; a daemon that goes on in place is none. */
  readonly elected: readonly string[];
  /** All changes of state, e.g. `a: BACKUP -> MASTER (priority_zero)`. */
  readonly transitions: readonly string[];
  /** Answers that were none of what was stored: END, and another value or an error line. */
  readonly misses: number;
  readonly wrong: number;
}

export interface Course {
  readonly rows: readonly Row[];
  /** Does it, waits until the pair is whole again and a moment longer, and returns what it was like for the client. */
  measure(action: string, act: () => Promise<unknown>): Promise<Row>;
}

/** For how long the pair is watched when it is whole again, in ms: what comes late belongs to the action as well. */
const AFTERMATH = 1000;

export function courseOf(pair: Pair): Course {
  const rows: Row[] = [];
  const transitions = async (): Promise<Transition[][]> => [
    await pair.services.a.transitions(),
    await pair.services.b.transitions(),
  ];
  return {
    rows,
    measure: async (action, act) => {
      const before = await transitions();
      const client = await pair.ask();
      await act();
      await pair.waitWhole();
      await sleep(AFTERMATH);
      const answered = await client.waitAnswer(monotonicNow()).catch((error: Error) => error.message);
      const { longestGap, misses, wrong, failures } = await client.stop();
      const changes = (await transitions()).flatMap((all, host) => all.slice(before[host]!.length));
      const heard = changes.map(({ host, from, to, reason }) => `${host}: ${from} -> ${to} (${reason})`);
      if (typeof answered === 'string') {
        const counts = `${misses} misses, ${wrong} wrong, ${failures} without an answer`;
        throw new Error(`after "${action}": ${answered}; ${counts}; ${heard.join(', ')}`);
      }
      const row = {
        action,
        gap: Math.round(longestGap),
        elected: changes
          .filter(({ to, reason }) => to === 'MASTER' && reason !== 'restart')
          .map(({ host }) => host),
        transitions: heard,
        misses,
        wrong,
      };
      rows.push(row);
      process.stdout.write(
        `measured: ${action}: ${row.gap} ms, ${misses} misses, ${wrong} wrong; ${row.transitions.join(', ') || 'nobody elected'}\n`,
      );
      return row;
    },
  };
}
