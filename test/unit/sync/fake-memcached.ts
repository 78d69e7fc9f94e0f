/**
 * A memcached in virtual time, as far as a refill can tell it from a real one: it answers batches, statistics and lists of
 * keys in order and after a latency, and fails in every way that a test tells it to.
 */
import type { Stats } from '../../../src/core/memcached-stats.ts';
import type { Clock, Connection, ConnectionEvents, Source } from '../../../src/sync/ports.ts';
import { createScheduler, type Scheduler } from '../../simulation/virtual-clock.ts';

export interface FakeItem {
  value: string;
  flags: number;
  /** Seconds left; -1: never expires. */
  ttl: number;
  lastAccess: number;
  fetched: boolean;
  stale: boolean;
  tokenSent: boolean;
  cas: number;
}

export interface FakeMemcached extends Source {
  readonly items: Map<string, FakeItem>;
  readonly scheduler: Scheduler;
  /** Every batch that came, in order. */
  readonly batches: string[];
  set(key: string, value: string, more?: Partial<FakeItem>): void;
  /** ms until an answer. */
  latency: number;
  /** Why the connections end, from now on; what waits for an answer is lost. */
  kill(reason: string): void;
  readonly stat: Map<string, string>;
  readonly settings: Map<string, string>;
  /** Keys that no list names until they are taken out. */
  readonly unlisted: Set<string>;
  /** The list names every key again so many keys later; 0: once. */
  listedAgainAfter: number;
  /** What the list's command answers instead, as often as there are such. */
  readonly dumpAnswers: string[];
  /** The list breaks off behind so many items. */
  dumpBreaksAfter: number;
  /** Called when a list begins. */
  onDump: () => void;
  /** Called when an item was listed. */
  onListed: (key: string) => void;
  /** An item that does not fit evicts the oldest one; with `full` it is refused. */
  mostItems: number;
  full: 'evicts' | 'refuses';
  /** Called before each command is answered. */
  onCommand: (command: string, key: string) => void;
  /** Lists that were begun, and connections for them that are open. */
  dumps: number;
  openDials: number;
  isPaused: boolean;
}

/** What an item takes beside key and value. */
const OVERHEAD = 56;
const DUMP_PIECE = 500;

export function newWorld(): { scheduler: Scheduler; clock: Clock } {
  const scheduler = createScheduler(1_000_000);
  return {
    scheduler,
    clock: { now: () => scheduler.now, at: (deadline, callback) => scheduler.at(deadline, callback) },
  };
}

export function fakeMemcached(name: string, scheduler: Scheduler): FakeMemcached {
  const items = new Map<string, FakeItem>();
  const waiting = new Set<(reason: string) => void>();
  const connections = new Set<(reason: string) => void>();
  let dead: string | null = null;
  let cas = 0;

  const later = (deliver: () => void, lost: (reason: string) => void): void => {
    const isDead = dead;
    if (isDead !== null) {
      scheduler.at(scheduler.now + 1, () => lost(isDead));
      return;
    }
    waiting.add(lost);
    scheduler.at(scheduler.now + fake.latency, () => {
      if (waiting.delete(lost)) deliver();
    });
  };

  const describeItem = (item: FakeItem): string => {
    let words = ` f${item.flags} t${item.ttl} c${item.cas}`;
    if (item.tokenSent) words += ' Z';
    if (item.stale) words += ' X';
    if (item.stale && !item.tokenSent) {
      words += ' W';
      item.tokenSent = true;
    }
    return words;
  };

  const store = (key: string, flags: number, ttl: number, value: string): string => {
    if (items.has(key)) return 'present';
    if (value.length > Number(fake.settings.get('item_size_max')))
      return 'SERVER_ERROR object too large for cache';
    if (items.size >= fake.mostItems) {
      if (fake.full === 'refuses') return 'SERVER_ERROR out of memory storing object';
      items.delete(items.keys().next().value!);
      fake.stat.set('evictions', String(Number(fake.stat.get('evictions')) + 1));
    }
    fake.set(key, value, { flags, ttl: ttl === 0 ? -1 : ttl });
    return 'stored';
  };

  const answerBatch = (batch: string): string => {
    let answer = '';
    let position = 0;
    while (position < batch.length) {
      const end = batch.indexOf('\r\n', position);
      const words = batch.slice(position, end).split(' ');
      position = end + 2;
      const [command = '', word = ''] = words;
      const key = words.includes('b') ? Buffer.from(word, 'base64').toString('latin1') : word;
      fake.onCommand(command, key);
      const item = items.get(key);
      if (command === 'mn') answer += 'MN\r\n';
      else if (command === 'mg') {
        if (item === undefined) answer += 'EN\r\n';
        else if (words.includes('v'))
          answer += `VA ${item.value.length}${describeItem(item)}\r\n${item.value}\r\n`;
        else answer += `HD${describeItem(item)}\r\n`;
      } else if (command === 'md') {
        const matches = item !== undefined && `C${item.cas}` === words.find((flag) => flag[0] === 'C');
        if (matches) {
          item.stale = true;
          item.tokenSent = false;
          item.cas = ++cas;
        }
        answer += item === undefined ? 'NF\r\n' : matches ? 'HD\r\n' : 'EX\r\n';
      } else {
        const number = (letter: string): number => Number(words.find((flag) => flag[0] === letter)!.slice(1));
        const classic = command === 'add';
        const length = Number(words[classic ? 4 : 2]);
        const value = batch.slice(position, position + length);
        position += length + 2;
        const flags = classic ? Number(words[2]) : number('F');
        const outcome = store(key, flags, classic ? Number(words[3]) : number('T'), value);
        if (outcome === 'stored') answer += classic ? 'STORED\r\n' : 'HD\r\n';
        else if (outcome === 'present') answer += classic ? 'NOT_STORED\r\n' : 'NS\r\n';
        else answer += `${outcome}\r\n`;
      }
    }
    return answer;
  };

  const list = (): string => {
    const lines: string[] = [];
    for (const [key, item] of items) {
      if (fake.unlisted.has(key)) continue;
      const encoded = key.replace(
        /[^\w-]/g,
        (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
      );
      const size = OVERHEAD + key.length + item.value.length;
      lines.push(
        `key=${encoded} exp=-1 la=${item.lastAccess} cas=${item.cas} fetch=${item.fetched ? 'yes' : 'no'} cls=1 size=${size}\n`,
      );
      fake.onListed(key);
    }
    const again = fake.listedAgainAfter;
    return lines.map((line, index) => (again > 0 ? line + (lines[index - again] ?? '') : line)).join('');
  };

  const dial = (events: ConnectionEvents): Connection => {
    let open = true;
    let paused = false;
    fake.openDials++;
    /** In their order, also when they had to wait for somebody who paused. */
    let untold: (() => void)[] = [];
    const tellAll = (): void => {
      while (open && !paused && untold.length > 0) untold.shift()!();
    };
    const tell = (action: () => void, after: number): void => {
      scheduler.at(scheduler.now + after, () => {
        untold.push(action);
        tellAll();
      });
    };
    const close = (): void => {
      if (open) fake.openDials--;
      open = false;
      untold = [];
      connections.delete(closed);
    };
    const closed = (reason: string): void => {
      if (!open) return;
      close();
      events.closed(reason);
    };
    connections.add(closed);
    const isDead = dead;
    if (isDead === null) tell(() => events.opened(), fake.latency);
    else tell(() => closed(isDead), fake.latency);
    return {
      write() {
        fake.dumps++;
        fake.onDump();
        const instead = fake.dumpAnswers.shift();
        if (instead !== undefined) {
          if (instead !== '') tell(() => events.received(Buffer.from(instead)), fake.latency);
          return;
        }
        const whole = Buffer.from(`${list()}END\r\n`, 'latin1');
        const breaksAt =
          fake.dumpBreaksAfter < items.size ? nthLine(whole, fake.dumpBreaksAfter) : whole.length;
        let delay = fake.latency;
        for (let from = 0; from < breaksAt; from += DUMP_PIECE) {
          const piece = whole.subarray(from, Math.min(from + DUMP_PIECE, breaksAt));
          tell(() => events.received(piece), delay);
          delay += 1;
        }
        if (breaksAt < whole.length) tell(() => closed('closed the connection'), delay);
      },
      pause() {
        paused = true;
        fake.isPaused = true;
      },
      resume() {
        paused = false;
        fake.isPaused = false;
        scheduler.at(scheduler.now, tellAll);
      },
      close,
    };
  };

  const fake: FakeMemcached = {
    name,
    items,
    scheduler,
    batches: [],
    latency: 1,
    stat: new Map(
      Object.entries({
        version: '1.6.18',
        time: '1800000000',
        cmd_flush: '0',
        evictions: '0',
        limit_maxbytes: String(2 ** 30),
        lru_crawler_running: '0',
      }),
    ),
    settings: new Map([['item_size_max', String(2 ** 20)]]),
    unlisted: new Set(),
    listedAgainAfter: 0,
    dumpAnswers: [],
    dumpBreaksAfter: Number.POSITIVE_INFINITY,
    onDump: () => {},
    onListed: () => {},
    mostItems: Number.POSITIVE_INFINITY,
    full: 'evicts',
    onCommand: () => {},
    dumps: 0,
    openDials: 0,
    isPaused: false,
    set(key, value, more = {}) {
      items.set(key, {
        value,
        flags: 0,
        ttl: -1,
        lastAccess: 1_800_000_000,
        fetched: false,
        stale: false,
        tokenSent: false,
        cas: ++cas,
        ...more,
      });
    },
    kill(reason) {
      dead = reason;
      for (const lost of [...waiting]) if (waiting.delete(lost)) lost(reason);
      for (const closed of [...connections]) closed(reason);
    },
    exchange(batch, take, lost) {
      const text = batch.toString('latin1');
      fake.batches.push(text);
      later(() => {
        const answer = Buffer.from(`before${answerBatch(text)}behind`, 'latin1');
        take(answer, 6, answer.length - 6);
      }, lost);
    },
    stats(topic, take, lost) {
      later(() => {
        let bytes = 0;
        for (const [key, { value }] of items) bytes += OVERHEAD + key.length + value.length;
        const general: Stats = new Map([
          ['curr_items', String(items.size)],
          ['bytes', String(bytes)],
          ...fake.stat,
        ]);
        take(topic === 'general' ? general : fake.settings);
      }, lost);
    },
    dial,
  };
  return fake;
}

function nthLine(buffer: Buffer, count: number): number {
  let index = 0;
  for (let line = 0; line < count; line++) index = buffer.indexOf(10, index) + 1;
  return index;
}
