/**
 * The list of a memcached's keys: `lru_crawler metadump all` on a connection of its own, from its opening to END.
 *
 * Never `metadump hash`: a slow reader of it freezes the whole server (1.6.18). A slow reader of `all` holds the crawler,
 * and with it the upkeep of the LRUs, the growth of the hash table, and any worker thread whose client asks for a crawl.
 * So this reads on as long as `hasRoom` says yes, and asks for no list while the crawler runs for somebody else.
 */
import { createMetadumpParser, type DumpedItem } from './metadump-parser.ts';
import type { Clock, Connection, Source } from './ports.ts';

/** Until the connection is there, and between two pieces of the answer, in ms. */
export const DUMP_SILENCE = 10_000;
/** How long a crawler that is busy is waited for in all, and how the pauses grow, in ms. */
export const MOST_BUSY = 120_000;
const FIRST_BUSY_PAUSE = 50;
const LONGEST_BUSY_PAUSE = 2_000;

export interface MetadumpOptions {
  readonly source: Source;
  readonly clock: Clock;
  /** The next item; the object is used again. */
  readonly onItem: (item: DumpedItem) => void;
  /** Whether there is room for more; asked after every piece, which may be 64 kB and more. */
  readonly hasRoom: () => boolean;
  /** The crawler is busy; it will be asked again after `pause` ms. */
  readonly onBusy: (pause: number) => void;
  readonly onEnd: () => void;
  /** The list is not whole, and will not be. */
  readonly onFailed: (reason: string) => void;
}

export interface Metadump {
  /** There is room again. */
  resume(): void;
  /** Ends it; nothing is told afterwards. */
  stop(): void;
}

/** Begins at once. */
export function startMetadump(options: MetadumpOptions): Metadump {
  const { source, clock } = options;
  let connection: Connection | null = null;
  let paused = false;
  let ended = false;
  let busyFor = 0;
  let pause = FIRST_BUSY_PAUSE;
  let cancelTimer: () => void = () => {};

  const finish = (tell: () => void): void => {
    if (ended) return;
    ended = true;
    cancelTimer();
    connection?.close();
    tell();
  };
  const fail = (reason: string): void => finish(() => options.onFailed(reason));

  const watchSilence = (what: string): void => {
    cancelTimer();
    cancelTimer = clock.at(clock.now() + DUMP_SILENCE, () => fail(`${what} for ${DUMP_SILENCE / 1000} s`));
  };

  /** Asking a memcached whose crawler waits for a slow reader would freeze a thread of it: its statistics do not. */
  const askIfIdle = (): void => {
    source.stats(
      'general',
      (stats) => {
        if (ended) return;
        if (stats.get('lru_crawler_running') === '1') waitForCrawler();
        else open();
      },
      (reason) => fail(reason),
    );
  };

  const waitForCrawler = (): void => {
    connection?.close();
    connection = null;
    cancelTimer();
    if (busyFor >= MOST_BUSY) {
      fail(`its crawler was busy with somebody else's list for ${MOST_BUSY / 1000} s`);
      return;
    }
    const wait = pause;
    busyFor += wait;
    pause = Math.min(2 * pause, LONGEST_BUSY_PAUSE);
    cancelTimer = clock.at(clock.now() + wait, askIfIdle);
    options.onBusy(wait);
  };

  const open = (): void => {
    const parser = createMetadumpParser();
    let asked = false;
    const opened = source.dial({
      opened() {
        if (ended || connection !== opened) return;
        opened.write('lru_crawler metadump all\r\n');
        asked = true;
        watchSilence('no list of its keys came');
      },
      received(bytes) {
        if (ended || connection !== opened) return;
        const state = parser.take(bytes, options.onItem);
        // An item may have been what stopped it.
        if (ended) return;
        switch (state.kind) {
          case 'goes-on':
            if (options.hasRoom()) watchSilence('the list of its keys did not go on');
            else rest();
            return;
          case 'end':
            finish(options.onEnd);
            return;
          case 'busy':
            waitForCrawler();
            return;
          case 'refused':
            fail(state.reason);
        }
      },
      closed(reason) {
        if (connection === opened) fail(asked ? `${reason} in the middle of the list of its keys` : reason);
      },
    });
    connection = opened;
    watchSilence('no connection');
  };

  const rest = (): void => {
    paused = true;
    cancelTimer();
    connection?.pause();
  };

  askIfIdle();
  return {
    resume() {
      if (!paused || ended) return;
      paused = false;
      connection?.resume();
      watchSilence('the list of its keys did not go on');
    },
    stop: () => finish(() => {}),
  };
}
