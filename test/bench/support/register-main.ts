/**
 * The program of register.ts: writes and reads a few keys through the virtual address, one request at a time, and knows
 * for each of them which values a read may return. Each line on standard input (`{"since": T}`) is answered with a
 * `Standing` in JSON; with `"settled": true` after all keys were read once more. Times are ms on CLOCK_MONOTONIC.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createLedger } from '../../../src/lab/client-ledger.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import type { Asked, Lapse, Standing } from './register.ts';

const KEYS = 32;
const EVERY_MS = 3;
/** Longer than the proxy's own wait for a memcached that hangs. */
const GIVE_UP_MS = 500;
const MOST_LAPSES = 1000;
const MOST_FAILURES = 10_000;
/** What is remembered of each key. */
const MOST_HISTORY = 20;

/** Nothing is stored. */
const ABSENT = 0;

/** What is known of a key: the values that a read may return, as versions. */
interface Register {
  readonly key: string;
  version: number;
  possible: Set<number>;
  /** When it was last stored. */
  storedAt: number;
  readonly history: Asked[];
}

/** Asks until the standard input ends. */
export function serveRegister(target: string): void {
  const [host, port] = target.split(':') as [string, string];
  const registers: Register[] = Array.from({ length: KEYS }, (_, i) => ({
    key: `register-${i}`,
    version: 0,
    possible: new Set([ABSENT]),
    storedAt: 0,
    history: [],
  }));
  const ledger = createLedger(10, () => {});
  const lapses: Lapse[] = [];
  const failures: number[] = [];
  let socket: Socket | null = null;

  const lapse = (kind: Lapse['kind'], what: string, { storedAt, history }: Register): void => {
    if (lapses.length >= MOST_LAPSES) return;
    lapses.push({ t: monotonicNow(), kind, what, storedAt, history: [...history] });
  };

  /** One request for a key; null: no answer, or none that is one. */
  const ask = ({ history }: Register, request: string, whole: RegExp): Promise<string | null> =>
    new Promise((resolve) => {
      const sent = monotonicNow();
      const mine = socket ?? connect({ host, port: Number(port), noDelay: true }).setEncoding('latin1');
      socket = mine;
      mine.removeAllListeners();
      let answer = '';
      const finish = (value: string | null, why: string): void => {
        clearTimeout(timer);
        mine.removeAllListeners();
        mine.on('error', () => {});
        history.push({ sent, ended: monotonicNow(), request, answer: value, port: mine.localPort ?? null });
        if (history.length > MOST_HISTORY) history.shift();
        if (value === null) {
          mine.destroy();
          socket = null;
          ledger.failed('failures', why);
          failures.push(monotonicNow());
          if (failures.length > MOST_FAILURES) failures.shift();
        }
        resolve(value);
      };
      const timer = setTimeout(() => finish(null, 'no answer in time'), GIVE_UP_MS);
      mine.on('error', ({ code }: NodeJS.ErrnoException) => finish(null, code ?? 'error'));
      mine.on('close', () => finish(null, 'closed'));
      mine.on('data', (text: string) => {
        answer += text;
        if (whole.test(answer)) finish(answer, '');
        else if (/^(SERVER_ERROR|ERROR|CLIENT_ERROR).*\r\n/.test(answer)) finish(null, answer.trim());
      });
      mine.write(request, 'latin1');
    });

  const write = async (register: Register): Promise<boolean> => {
    register.version += 1;
    const { version, key } = register;
    // Until it is answered, this value may be there or not.
    register.possible.add(version);
    const value = `${key}=${version}`;
    const stored = await ask(register, `set ${key} 0 0 ${value.length}\r\n${value}\r\n`, /^STORED\r\n$/);
    if (stored !== null) {
      register.possible = new Set([version]);
      register.storedAt = monotonicNow();
    }
    return stored !== null;
  };
  const read = async (register: Register): Promise<boolean> => {
    const { key, possible } = register;
    const answer = await ask(register, `get ${key}\r\n`, /(^|\r\n)END\r\n$/);
    if (answer === null) return false;
    const value = /^VALUE \S+ 0 \d+\r\n(.*)\r\nEND\r\n$/.exec(answer)?.[1];
    if (value === undefined) {
      if (!possible.has(ABSENT)) lapse('miss', `${key}, not ${[...possible].join(' or ')}`, register);
      register.possible.add(ABSENT);
      return write(register);
    }
    const [name, digits] = value.split('=');
    const version = Number(digits);
    if (name !== key || !possible.has(version)) {
      const versions = [...possible].join(' or ');
      lapse(
        version < Math.min(...possible) ? 'stale' : 'wrong',
        `${key}: ${value}, not ${versions}`,
        register,
      );
      register.possible = new Set([version]);
    } else {
      // What a read has shown once is there: an older one must not come back.
      register.possible = new Set([...possible].filter((each) => each >= version));
    }
    return true;
  };

  /** Reads all keys, and writes those anew of which more than one value may be there. */
  const settle = async (): Promise<void> => {
    for (const register of registers) {
      if (register.version > 0) await read(register);
      if (register.possible.size > 1) await write(register);
    }
  };

  let settling: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    if (settling.length > 0) {
      const done = settling;
      settling = [];
      await settle();
      for (const each of done) each();
    }
    const sent = monotonicNow();
    const register = registers[Math.floor(Math.random() * KEYS)]!;
    ledger.request();
    const fresh = register.version === 0;
    const right = await (fresh || Math.random() < 0.4 ? write(register) : read(register));
    const now = monotonicNow();
    if (right) ledger.right(now, sent);
    setTimeout(() => void turn(), right ? Math.max(0, EVERY_MS - (now - sent)) : EVERY_MS);
  };
  void turn();

  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const { since, settled } = JSON.parse(line) as { since: number; settled: boolean };
      if (settled) await new Promise<void>((resolve) => settling.push(resolve));
      const now = monotonicNow();
      const answer: Standing = {
        ...ledger.standing(now, since),
        failures: failures.filter((t) => t >= since).length,
        lapses: lapses.filter(({ t }) => t >= since),
      };
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    })
    .on('close', () => process.exit(0));
}
