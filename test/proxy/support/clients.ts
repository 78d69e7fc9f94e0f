/** Clients that keep asking, one request after the other, and keep account of how long each took and what went wrong. */
import { openConnection, type RawConnection } from './connection.ts';
import { type Random, seeded } from './random.ts';

export interface Account {
  requests: number;
  /** Every answer that was wrong, and every connection that was lost. */
  failures: string[];
  /** For each client, its requests that took longer than `slow`, in ms. */
  slow: number[][];
}

/**
 * Who waits for a timeout of the proxy waits for nearly all of its 250 ms; a machine that is busy with other things makes
 * a request take 100 to 150 now and then.
 */
const SLOW_MS = 200;
const LINE_END = '\r\n';

function isWhole(request: string, bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  if (!text.endsWith(LINE_END)) return false;
  if (!request.startsWith('get')) return true;
  return text.endsWith(`END${LINE_END}`) || text.includes('ERROR');
}

/** A request on one of the hot keys, and what may be answered. */
function hotRequest(random: Random, keys: number, cas: string): [string, RegExp] {
  const key = `hot${random.below(keys)}`;
  const value = `${random.below(100_000)}`;
  const store = ` ${key} 7 0 ${value.length}`;
  switch (random.below(10)) {
    case 0:
    case 1:
      return [`set${store}\r\n${value}\r\n`, /^STORED/];
    case 2:
      return [`add${store}\r\n${value}\r\n`, /^(NOT_)?STORED/];
    case 3:
      return [`incr ${key} ${random.below(1000)}\r\n`, /^(\d+|NOT_FOUND|CLIENT_ERROR cannot)/];
    case 4:
      return [`append ${key} 0 0 1\r\n1\r\n`, /^(NOT_)?STORED/];
    case 5:
      return [`delete ${key}\r\n`, /^(DELETED|NOT_FOUND)/];
    case 6:
      return [`cas${store} ${cas}\r\n${value}\r\n`, /^(STORED|EXISTS|NOT_FOUND)/];
    case 7:
      return [`decr ${key} ${random.below(1000)}\r\n`, /^(\d+|NOT_FOUND|CLIENT_ERROR cannot)/];
    case 8:
      return [`gets ${key}\r\n`, /^(VALUE|END)/];
    default:
      return [`get ${key}\r\n`, /^(VALUE|END)/];
  }
}

async function one(
  connection: RawConnection,
  request: string,
  account: Account,
  slow: number[],
): Promise<string> {
  const start = performance.now();
  connection.send(request);
  const answer = (await connection.receive((bytes) => isWhole(request, bytes), 10_000)).toString('latin1');
  const took = performance.now() - start;
  account.requests++;
  if (took > SLOW_MS) slow.push(took);
  return answer;
}

/** Runs `count` clients on `keys` hot keys (and one key of its own each) until `isOver` says so. */
export async function runClients(
  port: number | string,
  count: number,
  keys: number,
  isOver: () => boolean,
  seed = 1,
): Promise<Account> {
  const account: Account = { requests: 0, failures: [], slow: [] };
  const client = async (number: number): Promise<void> => {
    const random = seeded(seed * 1000 + number);
    const slow: number[] = [];
    account.slow.push(slow);
    const connection = await openConnection(port);
    let cas = '1';
    let turn = 0;
    while (!isOver()) {
      const [request, expected] = hotRequest(random, keys, cas);
      const answer = await one(connection, request, account, slow);
      cas = /^VALUE \S+ \d+ \d+ (\d+)/.exec(answer)?.[1] ?? cas;
      if (!expected.test(answer)) account.failures.push(`${request} -> ${answer}`);
      // What this client alone writes it must read again.
      turn++;
      const own = `own${number}`;
      const mine = `turn ${turn}`;
      const stored = await one(connection, `set ${own} 0 0 ${mine.length}\r\n${mine}\r\n`, account, slow);
      if (stored !== 'STORED\r\n') account.failures.push(`set ${own} -> ${stored}`);
      const read = await one(connection, `get ${own}\r\n`, account, slow);
      if (read !== `VALUE ${own} 0 ${mine.length}\r\n${mine}\r\nEND\r\n`)
        account.failures.push(`get ${own} -> ${read}`);
      if (connection.isClosed()) {
        account.failures.push('the connection was closed');
        return;
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: count }, (_, number) => client(number)));
  return account;
}

/** How long a repair may take after the answer to the write that made it necessary. */
const REPAIRED_MS = 2000;

/** Keys whose value or flags differ between two memcacheds, and go on doing so. */
export async function differences(
  first: number | string,
  second: number | string,
  keys: readonly string[],
): Promise<string[]> {
  const deadline = performance.now() + REPAIRED_MS;
  for (;;) {
    const found = await differencesNow(first, second, keys);
    if (found.length === 0 || performance.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function differencesNow(
  first: number | string,
  second: number | string,
  keys: readonly string[],
): Promise<string[]> {
  const read = async (port: number | string): Promise<string[]> => {
    const connection = await openConnection(port);
    const found: string[] = [];
    for (const key of keys) {
      connection.send(`get ${key}\r\n`);
      found.push(
        (await connection.receive((bytes) => bytes.toString('latin1').endsWith('END\r\n'))).toString(
          'latin1',
        ),
      );
    }
    connection.close();
    return found;
  };
  const [left, right] = [await read(first), await read(second)];
  return keys
    .filter((_, index) => left[index] !== right[index])
    .map((key) => {
      const index = keys.indexOf(key);
      return `${key}: ${JSON.stringify(left[index])} / ${JSON.stringify(right[index])}`;
    });
}
