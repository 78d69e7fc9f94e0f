/**
 * A client that keeps a ledger: one request at a time on a few thousand items, over a connection that it opens again when
 * it is lost. It knows for every key what may be read: what was acknowledged last, and what it does not know whether it
 * was done. Copies may die under it.
 */
import { needsBase64 } from '../../../src/core/memcached-key.ts';
import { openConnection, type RawConnection } from './connection.ts';
import { itemOf, keyOf } from './items.ts';
import type { Random } from './random.ts';

/** What a key may hold, as text; null: nothing. */
export type Possible = readonly (string | null)[];

export interface LedgerClient {
  /** What `n` may hold by all that was acknowledged and read. */
  readonly possible: (n: number) => Possible;
  /** Its last acknowledged state came from this client. */
  readonly isWritten: (n: number) => boolean;
  /** From now on what `mayBeLost` says of a key may be missing, if this client has not written it. */
  loseFrom(mayBeLost: (n: number) => boolean): void;
  readonly failures: readonly string[];
  readonly requests: () => number;
  /** Stops after the request under way. */
  stop(): Promise<void>;
}

const PAUSE_MS = 1;
const RECONNECT_MS = 20;
const ANSWER_MS = 5000;

/** Begins at once, on the items 0 to count - 1; `port` is asked for with every connection. */
export function startLedgerClient(port: () => number, count: number, random: Random): LedgerClient {
  const known = new Map<number, Possible>();
  const written = new Set<number>();
  const failures: string[] = [];
  let mayBeLost: (n: number) => boolean = () => false;
  let requests = 0;
  let stopped = false;
  let turn = 0;

  const initially = (n: number): Possible => [itemOf(n).value.toString('latin1')];
  const possible = (n: number): Possible => {
    const now = known.get(n) ?? initially(n);
    return mayBeLost(n) && !written.has(n) ? [...now, null] : now;
  };

  const connect = async (): Promise<RawConnection | null> => {
    while (!stopped) {
      try {
        return await openConnection(port());
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
    return null;
  };

  /** Null: the connection was lost, and nobody knows whether it was done. */
  const request = async (connection: RawConnection, text: string, end: RegExp): Promise<string | null> => {
    requests++;
    connection.send(text);
    const isWhole = (bytes: Buffer) => end.test(bytes.toString('latin1', Math.max(0, bytes.length - 200)));
    const answer = (await connection.receive(isWhole, ANSWER_MS)).toString('latin1');
    return connection.isClosed() && !end.test(answer) ? null : answer;
  };

  const write = async (connection: RawConnection, n: number): Promise<boolean> => {
    const key = keyOf(n);
    const value = `turn ${++turn}`;
    const isDelete = random.chance(0.4);
    const after = isDelete ? null : value;
    const text = isDelete ? `delete ${key}\r\n` : `set ${key} 0 0 ${value.length}\r\n${value}\r\n`;
    const answer = await request(connection, text, /\r\n$/);
    const before = possible(n);
    if (answer === null) {
      known.set(n, [...before, after]);
      written.add(n);
      return false;
    }
    const expected = isDelete ? allowed(before, 'DELETED\r\n', 'NOT_FOUND\r\n') : ['STORED\r\n'];
    if (!expected.includes(answer)) failures.push(`${JSON.stringify(text)} -> ${JSON.stringify(answer)}`);
    known.set(n, [after]);
    written.add(n);
    return true;
  };

  /** Leaves the value as it is. */
  const touch = async (connection: RawConnection, n: number): Promise<boolean> => {
    const answer = await request(connection, `touch ${keyOf(n)} 5000\r\n`, /\r\n$/);
    if (answer === null) return false;
    const before = possible(n);
    if (!allowed(before, 'TOUCHED\r\n', 'NOT_FOUND\r\n').includes(answer))
      failures.push(`touch ${keyOf(n)} -> ${JSON.stringify(answer)}`);
    return true;
  };

  const read = async (connection: RawConnection, n: number): Promise<boolean> => {
    const answer = await request(connection, `get ${keyOf(n)}\r\n`, /END\r\n$/);
    if (answer === null) return false;
    const before = possible(n);
    const found =
      answer === 'END\r\n' ? null : /^VALUE \S+ \d+ \d+\r\n([\s\S]*)\r\nEND\r\n$/.exec(answer)?.[1];
    if (found === undefined || !before.includes(found))
      failures.push(`get ${keyOf(n)} -> ${JSON.stringify(answer.slice(0, 60))}, possible ${show(before)}`);
    else known.set(n, [found]);
    return true;
  };

  const run = async (): Promise<void> => {
    let connection = await connect();
    while (connection !== null && !stopped) {
      let n = random.below(count);
      // It speaks the classic commands, which have no base64.
      while (needsBase64(keyOf(n))) n = random.below(count);
      const act = random.pick([write, write, touch, read, read]);
      let answered: boolean;
      try {
        answered = await act(connection, n);
      } catch (error) {
        failures.push((error as Error).message);
        answered = false;
      }
      if (answered) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      } else {
        connection.close();
        connection = await connect();
      }
    }
    connection?.close();
  };

  const running = run();
  return {
    possible,
    isWritten: (n) => written.has(n),
    loseFrom(which) {
      mayBeLost = which;
    },
    failures,
    requests: () => requests,
    stop() {
      stopped = true;
      return running;
    },
  };
}

function allowed(before: Possible, ifThere: string, ifNot: string): string[] {
  return [
    ...(before.some((value) => value !== null) ? [ifThere] : []),
    ...(before.includes(null) ? [ifNot] : []),
  ];
}

/** For messages. */
export function show(possible: Possible): string {
  return possible
    .map((value) => (value === null ? 'nothing' : JSON.stringify(value.slice(0, 20))))
    .join(' or ');
}
