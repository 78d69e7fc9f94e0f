/**
 * A memcached's contents as a test writes and reads them: by the commands that a user would type, with a parser of its
 * own, so that what the refill writes is not judged by what it reads with.
 */
import { openConnection } from '../../proxy/support/connection.ts';

export interface Item {
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
  /** Seconds; 0: never expires. */
  readonly ttl: number;
}

/** As an item is found. `ttl`: seconds left, -1: never expires. */
export interface Found {
  readonly value: Buffer;
  readonly flags: number;
  readonly ttl: number;
}

export interface Cache {
  set(items: readonly Item[]): Promise<void>;
  /** What is there of the keys, in their order; null: nothing. */
  get(keys: readonly string[]): Promise<(Found | null)[]>;
  /** Sends commands of which the last one is answered by the last line, and answers all of it. */
  ask(commands: string, last: RegExp): Promise<string>;
  stat(name: string): Promise<number>;
  close(): void;
}

const BATCH = 500;

export async function openCache(port: number): Promise<Cache> {
  const connection = await openConnection(port);
  const ask = async (commands: string | Buffer, isWhole: (bytes: Buffer) => boolean): Promise<Buffer> => {
    connection.send(commands);
    return connection.receive(isWhole, 20_000);
  };
  const endsWith =
    (end: string) =>
    (bytes: Buffer): boolean =>
      bytes.subarray(-end.length).toString('latin1') === end;
  return {
    async set(items) {
      for (const batch of batches(items)) {
        const pieces: Buffer[] = [];
        for (const { key, value, flags, ttl } of batch)
          pieces.push(
            Buffer.from(`ms ${word(key)} ${value.length}${flag(key)} F${flags} T${ttl} q\r\n`, 'latin1'),
            value,
            Buffer.from('\r\n'),
          );
        const answer = await ask(Buffer.concat([...pieces, Buffer.from('mn\r\n')]), endsWith('MN\r\n'));
        if (answer.toString() !== 'MN\r\n')
          throw new Error(`not stored: ${answer.toString('latin1', 0, 200)}`);
      }
    },
    async get(keys) {
      const found: (Found | null)[] = [];
      for (const batch of batches(keys)) {
        // No value in these tests has MN in it.
        const commands = batch.map((key) => `mg ${word(key)}${flag(key)} v f t\r\n`).join('');
        const answer = await ask(Buffer.from(`${commands}mn\r\n`, 'latin1'), endsWith('MN\r\n'));
        let from = 0;
        for (let count = 0; count < batch.length; count++) {
          const lineEnd = answer.indexOf('\r\n', from);
          const [status, length, flags, ttl] = answer.toString('latin1', from, lineEnd).split(' ');
          from = lineEnd + 2;
          if (status !== 'VA') {
            if (status !== 'EN') throw new Error(`unexpected: ${status} ${length}`);
            found.push(null);
            continue;
          }
          const value = Buffer.from(answer.subarray(from, from + Number(length)));
          from += Number(length) + 2;
          found.push({ value, flags: Number(flags!.slice(1)), ttl: Number(ttl!.slice(1)) });
        }
      }
      return found;
    },
    ask: async (commands, last) =>
      (await ask(commands, (bytes) => last.test(bytes.toString('latin1')))).toString('latin1'),
    async stat(wanted) {
      const answer = (await ask('stats\r\n', endsWith('END\r\n'))).toString('latin1');
      return Number(new RegExp(`^STAT ${wanted} (.*)\r$`, 'm').exec(answer)?.[1]);
    },
    close: () => connection.close(),
  };
}

function isBinary(key: string): boolean {
  return /[ \n\0]/.test(key);
}

function word(key: string): string {
  return isBinary(key) ? Buffer.from(key, 'latin1').toString('base64') : key;
}

function flag(key: string): string {
  return isBinary(key) ? ' b' : '';
}

function batches<T>(all: readonly T[]): (readonly T[])[] {
  const result = [];
  for (let from = 0; from < all.length; from += BATCH) result.push(all.slice(from, from + BATCH));
  return result;
}
