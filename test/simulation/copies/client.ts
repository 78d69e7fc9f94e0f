/**
 * A client of the virtual address: connects to whoever has it, asks, waits for all its answers, thinks, and connects again
 * when its connection is lost. An answer that takes too long is a violation.
 */
import type { Prng } from '../prng.ts';
import { Violation } from '../violation.ts';
import type { Scheduler } from '../virtual-clock.ts';
import { answerEnd, takeAnswer } from './answers.ts';
import { ANSWER_MS } from './expectations.ts';
import type { History, Host, Operation } from './history.ts';
import type { Endpoint, Network } from './network.ts';
import { PROXY_PORT } from './proxy.ts';
import type { Reach } from './reach.ts';
import type { Draft } from './requests.ts';

/** What the clients share. */
export interface ClientWorld {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly history: History;
  readonly reach: Reach;
  /** Who has the address, as this client sees it; null: nobody. */
  readonly holderFor: (client: number) => Host | null;
  readonly trace: ((who: string, what: string) => void) | null;
  /** For the number of a connection. */
  connections: number;
}

export interface Client {
  /** Asks what `draw` gives it, until that is null. */
  start(): void;
  /** Its connection to `host`, if it has one, leads nowhere any more. */
  sever(host: Host): void;
  readonly idle: boolean;
}

export interface ClientOptions {
  readonly number: number;
  readonly prng: Prng;
  /** The requests that are sent together next, or null: no more. */
  readonly draw: (nextId: number, cas: ReadonlyMap<string, string>) => readonly Draft[] | null;
  /** Until the next ones, ms. */
  readonly think: () => number;
  /** Chance that it goes away in the middle of its requests. */
  readonly impatience: number;
  /** Loses an answer, to see that this is noticed. */
  readonly deaf?: () => boolean;
}

const RETRY_MS = 40;
/** It gives up an attempt to connect after this, and looks who has the address now. */
const CONNECT_MS = 300;

interface Waiting {
  readonly operation: Operation;
  readonly draft: Draft;
}

export function createClient(world: ClientWorld, options: ClientOptions): Client {
  const { scheduler, network, history, reach } = world;
  const { number, prng } = options;
  const name = `client ${number}`;
  const cas = new Map<string, string>();
  let endpoint: Endpoint | null = null;
  let host: Host = 'A';
  let connection = 0;
  let position = 0;
  let waiting: Waiting[] = [];
  let received = '';
  let over = false;

  const later = (delay: number, action: () => void): void => {
    scheduler.at(scheduler.now + delay, action);
  };

  const connect = (): void => {
    const holder = world.holderFor(number);
    if (holder === null) {
      later(RETRY_MS, connect);
      return;
    }
    let settled = false;
    const again = (): void => {
      settled = true;
      later(RETRY_MS, connect);
    };
    const made = (one: Endpoint): void => {
      settled = true;
      connected(holder, one);
    };
    const attempt = network.dial('clients', holder, PROXY_PORT, made, again);
    later(CONNECT_MS, () => {
      if (settled) return;
      attempt.cancel();
      connect();
    });
  };

  const connected = (holder: Host, made: Endpoint): void => {
    if (world.holderFor(number) !== holder) {
      made.close();
      later(RETRY_MS, connect);
      return;
    }
    endpoint = made;
    host = holder;
    connection = world.connections++;
    position = 0;
    received = '';
    made.notify = read;
    ask();
  };

  const ask = (): void => {
    if (endpoint === null) {
      connect();
      return;
    }
    const drafts = options.draw(history.operations.length, cas);
    if (drafts === null) {
      over = true;
      endpoint.close();
      endpoint = null;
      return;
    }
    waiting = drafts.map((draft) => ({ operation: newOperation(draft), draft }));
    if (world.trace !== null)
      for (const { operation, draft } of waiting)
        world.trace(name, `asks ${host} #${operation.id} ${JSON.stringify(draft.bytes.slice(0, 70))}`);
    endpoint.send(Buffer.from(drafts.map(({ bytes }) => bytes).join(''), 'latin1'));
    watch(endpoint, waiting[waiting.length - 1]!.operation);
    if (prng.chance(options.impatience)) {
      const mine = endpoint;
      later(prng.between(0, 5), () => {
        if (endpoint === mine && waiting.length > 0) leave(() => mine.close());
      });
    }
  };

  const newOperation = ({ kind, key, flags, ttl }: Draft): Operation => {
    const operation: Operation = {
      id: history.operations.length,
      kind,
      key,
      host,
      connection,
      position: position++,
      sentAt: scheduler.now,
      flags,
      ttl,
      outcome: 'pending',
      endedAt: Number.POSITIVE_INFINITY,
      counted: null,
      lateAt: 0,
    };
    history.operations.push(operation);
    return operation;
  };

  const watch = (asked: Endpoint, operation: Operation): void => {
    const since = scheduler.now;
    later(ANSWER_MS, () => {
      if (endpoint !== asked || operation.outcome !== 'pending') return;
      if (!reach.ranFreely(host, since, scheduler.now)) watch(asked, operation);
      else
        throw new Violation(
          'hangs',
          `${name}: no answer to request ${operation.id} for ${ANSWER_MS} ms from ${host}`,
        );
    });
  };

  const read = (): void => {
    if (endpoint === null) return;
    for (const piece of endpoint.take()) {
      if (options.deaf?.()) continue;
      received += piece.toString('latin1');
    }
    let at = 0;
    while (waiting.length > 0) {
      const { operation, draft } = waiting[0]!;
      const end = answerEnd(draft.shape, received, at);
      if (end === -1) break;
      // Nobody knows when a request without an answer was carried out before the next answer has come.
      if (draft.shape === 'none' && received.length === at) break;
      operation.endedAt = scheduler.now;
      world.trace?.(
        name,
        `is told #${operation.id} ${JSON.stringify(received.slice(at, Math.min(end, at + 90)))}`,
      );
      takeAnswer(history, operation, draft, received.slice(at, end), cas);
      waiting.shift();
      at = end;
      if (waiting.length === 0) later(options.think(), ask);
    }
    received = received.slice(at);
    if (waiting.length === 0 && received !== '')
      throw new Violation(
        'answers',
        `${name} is told what it did not ask: ${JSON.stringify(received.slice(0, 90))}`,
      );
    if (endpoint.wasReset || endpoint.ended) {
      const mine = endpoint;
      leave(() => mine.close());
    }
  };

  /** The connection is over; what was asked may have been done, or be done yet. */
  const leave = (how: () => void): void => {
    const wasIdle = waiting.length === 0;
    world.trace?.(name, `loses its connection to ${host}, ${waiting.length} unanswered`);
    how();
    endpoint = null;
    for (const { operation } of waiting) {
      operation.outcome = 'lost';
      operation.endedAt = scheduler.now;
    }
    waiting = [];
    if (!wasIdle) later(prng.between(1, RETRY_MS), ask);
  };

  return {
    start: () => later(prng.between(0, options.think()), ask),
    sever(from) {
      if (endpoint === null || host !== from) return;
      network.sever(endpoint);
    },
    get idle() {
      return over;
    },
  };
}
