/**
 * A memcached process on virtual time: its connections, and what can befall it. It can be killed (everything is lost, its
 * connections are reset), started again (empty), and stopped (SIGSTOP: its kernel still takes connections and bytes;
 * when it goes on it works off all of it, that of connections which were reset meanwhile too).
 */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import type { Place } from './links.ts';
import { createRequestReader, type RequestReader } from './memcached/connection.ts';
import { type Crawl, startCrawl } from './memcached/crawler.ts';
import { release, type Session } from './memcached/session.ts';
import { createStore, type Item, type Store } from './memcached/store.ts';
import type { Endpoint, Network } from './network.ts';
import { EPOCH_MS } from './virtual-globals.ts';

export const MEMCACHED_PORT = '11211';

/** What watches a memcached. `late`: whoever sent the command had let go of the connection already. */
export interface MemcachedWatcher {
  changed(key: string, item: Item | null, late: boolean): void;
  flushed(late: boolean): void;
}

/** Ways to be broken on purpose: see defects.ts. */
export interface Tampering {
  /** The store that a command works on instead of the process's own. */
  storeFor?(own: Store, command: string, key: string | undefined): Store;
  readonly clockStands?: boolean;
  /** Something else to send than `answers`. */
  answer?(answers: string): string;
}

export interface Memcached {
  readonly place: Place;
  readonly condition: 'running' | 'stopped' | 'dead';
  /** Null while it is dead. */
  readonly store: Store | null;
  start(): void;
  /** `silently`: the whole machine goes, and says nothing to anybody. */
  kill(silently: boolean): void;
  stop(): void;
  resume(): void;
}

/** After a SIGCONT its threads work off what has come, one connection now, another one then. */
const WAKE_MS = 50;
/** How many requests of a connection that is lost are carried out before an answer to them fails. */
const MAX_BEFORE_FAILURE = 40;
const CRAWL_STEP_MS = 1;
const CRAWL_STEP_ITEMS = 8;

/** What is flushed later is not told: it expires then, as far as anybody can see. */
const isDelay = (argument: string | undefined): boolean => Number(argument) > 0;

interface Connection {
  readonly endpoint: Endpoint;
  readonly session: Session;
  readonly reader: RequestReader;
}

export function createMemcached(
  scheduler: Scheduler,
  prng: Prng,
  network: Network,
  place: Place,
  capacity: number,
  watcher: MemcachedWatcher,
  tampering: Tampering,
): Memcached {
  let condition: 'running' | 'stopped' | 'dead' = 'dead';
  let store: Store | null = null;
  let connections = new Set<Connection>();
  let crawler: Connection | null = null;
  let pid = 0;
  let late = false;
  /** Each machine's clock ticks at its own moment. */
  const phase = prng.between(0, 1000);
  const startedAt = scheduler.now;
  const seconds = (): number =>
    Math.floor((EPOCH_MS + phase + (tampering.clockStands === true ? startedAt : scheduler.now)) / 1000);

  const accept = (endpoint: Endpoint): void => {
    const own = store!;
    const session: Session = {
      store: own,
      out: [],
      referred: [],
      pid,
      seconds,
      startDump: () => startDump(connection),
    };
    const reader = createRequestReader(session, (command, argument) => {
      late = endpoint.peerGone;
      if (command === 'flush_all' && !isDelay(argument)) watcher.flushed(late);
      if (tampering.storeFor !== undefined) session.store = tampering.storeFor(own, command, argument);
    });
    const connection: Connection = { endpoint, session, reader };
    connections.add(connection);
    endpoint.notify = () => {
      if (condition === 'running') serve(connection);
    };
    if (condition === 'running') serve(connection);
  };

  const serve = (connection: Connection): void => {
    const { endpoint, reader } = connection;
    if (!connections.has(connection)) return;
    if (endpoint.hasUnread) {
      const pieces = endpoint.take();
      const text = (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString('latin1');
      const limit = endpoint.wasReset ? 1 + prng.below(MAX_BEFORE_FAILURE) : Number.POSITIVE_INFINITY;
      reader.take(text, limit);
      flush(connection);
    }
    if (endpoint.wasReset || endpoint.ended) close(connection);
  };

  const flush = ({ endpoint, session }: Connection): void => {
    release(session);
    if (session.out.length === 0) return;
    const answers = session.out.length === 1 ? session.out[0]! : session.out.join('');
    session.out.length = 0;
    const sent = tampering.answer === undefined ? answers : tampering.answer(answers);
    if (sent !== '') endpoint.send(Buffer.from(sent, 'latin1'));
  };

  const close = (connection: Connection): void => {
    connection.endpoint.close();
    connections.delete(connection);
    if (crawler === connection) crawler = null;
  };

  const startDump = (connection: Connection): boolean => {
    if (crawler !== null) return false;
    crawler = connection;
    connection.reader.blocked = true;
    const own = store!;
    const crawl = startCrawl(own, prng, seconds() - own.now);
    scheduler.at(scheduler.now + CRAWL_STEP_MS, () => step(connection, own, crawl));
    return true;
  };

  const step = (connection: Connection, own: Store, crawl: Crawl): void => {
    if (store !== own || crawler !== connection) return;
    const lines = condition === 'running' ? crawl.next(CRAWL_STEP_ITEMS) : '';
    if (lines === null) {
      crawler = null;
      connection.session.out.push('END\r\n');
      flush(connection);
      connection.reader.blocked = false;
      connection.reader.take('', Number.POSITIVE_INFINITY);
      flush(connection);
      return;
    }
    if (lines !== '') connection.session.out.push(lines);
    flush(connection);
    scheduler.at(scheduler.now + CRAWL_STEP_MS, () => step(connection, own, crawl));
  };

  return {
    place,
    get condition() {
      return condition;
    },
    get store() {
      return store;
    },
    start() {
      condition = 'running';
      pid = 300 + prng.below(30_000);
      store = createStore(seconds, capacity, (key, item) => watcher.changed(key, item, late));
      network.listen(place, MEMCACHED_PORT, accept);
    },
    kill(silently) {
      condition = 'dead';
      store = null;
      crawler = null;
      network.listen(place, MEMCACHED_PORT, null);
      const lost = connections;
      connections = new Set();
      for (const { endpoint } of lost) {
        if (silently) endpoint.vanish();
        else endpoint.close();
      }
    },
    stop() {
      if (condition === 'running') condition = 'stopped';
    },
    resume() {
      if (condition !== 'stopped') return;
      condition = 'running';
      for (const connection of connections) {
        scheduler.at(scheduler.now + prng.between(0, WAKE_MS), () => {
          if (condition === 'running') serve(connection);
        });
      }
    },
  };
}
