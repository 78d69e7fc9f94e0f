/** The program of many-keys.ts: takes orders on standard input, one a line in JSON, and answers each with a line. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Found, Range } from './many-keys.ts';

const LIFETIME_MS = 180_000;
const BATCH = 500;
/** How long one answer may take before the connection is given up: longer than the proxy's own waits. */
const PATIENCE_MS = 900;
/** A host that fails over refuses, resets or swallows for a moment. */
const ATTEMPTS = 40;

interface Order extends Range {
  readonly act: 'write' | 'remove' | 'read' | 'watch' | 'stop';
  readonly version: number;
}

const keyOf = (index: number): string => `k${index}`;
const valueNumber = (index: number, version: number): string =>
  `${keyOf(index)}=${version}${'.'.repeat(index % 90)}`;

/** One request and its answer on a connection of its own, or on the one from before; tried again when it breaks. */
class Line {
  #socket: Socket | null = null;
  readonly #host: string;
  readonly #port: number;

  constructor(target: string) {
    const [host, port] = target.split(':');
    this.#host = host!;
    this.#port = Number(port);
  }

  async ask(request: string, isWhole: (answer: string) => boolean): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request, isWhole);
      } catch (error) {
        this.#socket?.destroy();
        this.#socket = null;
        if (attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  #once(request: string, isWhole: (answer: string) => boolean): Promise<string> {
    this.#socket ??= connect({ host: this.#host, port: this.#port, noDelay: true }).setEncoding('latin1');
    const socket = this.#socket;
    socket.removeAllListeners();
    return new Promise((resolve, reject) => {
      let answer = '';
      const fail = (why: string) => () => {
        clearTimeout(timer);
        reject(new Error(`${why} after ${JSON.stringify(answer.slice(-80))}`));
      };
      const timer = setTimeout(fail('no answer in time'), PATIENCE_MS);
      socket.on('error', fail('broken'));
      socket.on('close', fail('closed'));
      socket.on('data', (text: string) => {
        answer += text;
        if (/(^|\n)SERVER_ERROR/.test(answer)) fail('refused')();
        else if (isWhole(answer)) {
          clearTimeout(timer);
          resolve(answer);
        }
      });
      socket.write(request, 'latin1');
    });
  }
}

const isFenced = (answer: string): boolean => answer.endsWith('MN\r\n');
const isEnded = (answer: string): boolean => answer.endsWith('END\r\n');

class Account {
  reads = 0;
  hits = 0;
  misses = 0;
  readonly wrong: string[] = [];

  note(indexes: readonly number[], answer: string, version: number): void {
    const found = new Map(
      [...answer.matchAll(/VALUE (\S+) \d+ \d+\r\n(.*)\r\n/g)].map((match) => [match[1]!, match[2]!]),
    );
    for (const index of indexes) {
      const value = found.get(keyOf(index));
      this.reads++;
      if (value === undefined) this.misses++;
      else if (value === valueNumber(index, version)) this.hits++;
      else if (this.wrong.length < 10) this.wrong.push(value.slice(0, 40));
      else this.wrong.length = 10;
    }
  }

  get found(): Found {
    return { reads: this.reads, hits: this.hits, misses: this.misses, wrong: this.wrong };
  }
}

/** Serves until the standard input ends. */
export function serveManyKeys(target: string): void {
  setTimeout(() => process.exit(3), LIFETIME_MS).unref();
  const line = new Line(target);
  let watching: { stop: boolean; done: Promise<Found> } | null = null;

  const inBatches = async ({ from, to }: Range, one: (indexes: number[]) => Promise<void>): Promise<void> => {
    for (let start = from; start < to; start += BATCH) {
      await one(Array.from({ length: Math.min(BATCH, to - start) }, (_, offset) => start + offset));
    }
  };

  const send = async (range: Range, command: (index: number) => string, wanted: RegExp): Promise<void> => {
    await inBatches(range, async (indexes) => {
      const answer = await line.ask(`${indexes.map(command).join('')}mn\r\n`, isFenced);
      const done = answer.match(wanted)?.length ?? 0;
      if (done !== indexes.length)
        throw new Error(`${indexes.length - done} of a batch failed: ${answer.slice(0, 80)}`);
    });
  };

  const read = async (through: Line, indexes: readonly number[], version: number, account: Account) => {
    account.note(indexes, await through.ask(`get ${indexes.map(keyOf).join(' ')}\r\n`, isEnded), version);
  };

  const watch = async ({ from, to, version }: Order, state: { stop: boolean }): Promise<Found> => {
    const account = new Account();
    const own = new Line(target);
    while (!state.stop) {
      const random = Array.from({ length: 18 }, () => from + Math.floor(Math.random() * (to - from)));
      await read(own, [...new Set([from, from + 1, ...random])], version, account);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return account.found;
  };

  const carryOut = async (order: Order): Promise<unknown> => {
    switch (order.act) {
      case 'write': {
        const { version } = order;
        const set = (index: number): string => {
          const value = valueNumber(index, version);
          return `set ${keyOf(index)} 0 0 ${value.length}\r\n${value}\r\n`;
        };
        return send(order, set, /STORED/g);
      }
      case 'remove':
        return send(order, (index) => `delete ${keyOf(index)}\r\n`, /DELETED|NOT_FOUND/g);
      case 'read': {
        const account = new Account();
        await inBatches(order, (indexes) => read(line, indexes, order.version, account));
        return account.found;
      }
      case 'watch': {
        const state = { stop: false };
        const done = watch(order, state);
        done.catch(() => {});
        watching = Object.assign(state, { done });
        return null;
      }
      case 'stop': {
        if (watching === null) throw new Error('nothing is watched');
        watching.stop = true;
        return watching.done;
      }
    }
  };

  let queue: Promise<void> = Promise.resolve();
  const orders = createInterface({ input: process.stdin });
  orders.on('line', (text) => {
    queue = queue.then(async () => {
      const answer = await carryOut(JSON.parse(text) as Order).then(
        (result) => ({ result: result ?? null }),
        (error: Error) => ({ error: error.message }),
      );
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    });
  });
  orders.on('close', () => queue.then(() => process.exit(0)));
}
