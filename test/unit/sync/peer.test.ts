import { beforeEach, describe, expect, it } from 'vitest';
import { createPeer, type OwnPeer, PEER_SILENCE } from '../../../src/sync/peer.ts';
import type { ConnectionEvents } from '../../../src/sync/ports.ts';
import type { Scheduler } from '../../simulation/virtual-clock.ts';
import { newWorld } from './fake-memcached.ts';

let scheduler: Scheduler;
let peer: OwnPeer;
let events: ConnectionEvents;
let written: string;
let isClosed: boolean;
let told: string[];

beforeEach(() => {
  const world = newWorld();
  scheduler = world.scheduler;
  written = '';
  isClosed = false;
  told = [];
  peer = createPeer(
    'name',
    (opened) => {
      events = opened;
      return {
        write: (bytes) => {
          written += bytes.toString('latin1');
        },
        pause: () => {},
        resume: () => {},
        close: () => {
          isClosed = true;
        },
      };
    },
    world.clock,
  );
});

function ask(name: string): void {
  peer.exchange(
    Buffer.from(`${name}\r\n`),
    (buffer, start, end) => told.push(`${name}: ${buffer.toString('latin1', start, end)}`),
    (reason) => told.push(`${name} lost: ${reason}`),
  );
}

/** The bytes are the connection's own: gone when the call returns. */
function receive(text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  events.received(bytes);
  bytes.fill('!');
}

const pass = (ms: number): void => scheduler.run(scheduler.now + ms, () => {});

describe('a memcached of our own', () => {
  it('is asked once its connection is open, in the order of asking', () => {
    ask('a');
    ask('b');
    expect(written).toBe('');
    events.opened();
    ask('c');
    expect(written).toBe('a\r\nb\r\nc\r\n');
  });

  it.each([1, 2, 5, 1000])('takes answers in pieces of %i bytes', (step) => {
    events.opened();
    const large = 'x'.repeat(300_000);
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    peer.stats(
      'settings',
      (stats) => told.push(`stats: ${[...stats].join(';')}`),
      () => told.push('stats lost'),
    );
    const answers = [
      'MN\r\n',
      'EN\r\nVA 4 f0\r\nMN\r\n\r\nMN\r\n',
      'HD c1\r\nMN\r\n',
      `VA ${large.length} f1\r\n${large}\r\nMN\r\n`,
    ];
    const all = `${answers.join('')}STAT a 1\r\nSTAT b END\r\nEND\r\n`;
    for (let from = 0; from < all.length; from += step * (all.length - from > 1000 ? 1000 : 1))
      receive(all.slice(from, from + step * (all.length - from > 1000 ? 1000 : 1)));
    expect(written).toBe('a\r\nb\r\nc\r\nd\r\nstats settings\r\n');
    expect(told).toEqual([
      ...['a', 'b', 'c', 'd'].map((name, index) => `${name}: ${answers[index]}`),
      'stats: a,1;b,END',
    ]);
  });

  it('tells all that wait when the connection ends, and whoever asks later', () => {
    events.opened();
    ask('a');
    ask('b');
    receive('MN\r\nEN\r\n');
    events.closed('reset the connection');
    expect(told).toEqual(['a: MN\r\n', 'b lost: reset the connection']);
    ask('c');
    expect(told).toHaveLength(2);
    pass(1);
    expect(told[2]).toBe('c lost: reset the connection');
    pass(100_000);
    expect(told).toHaveLength(3);
  });

  it.each(['before it is open', 'while it is open'])('gives up on silence %s', (when) => {
    if (when === 'while it is open') events.opened();
    ask('a');
    pass(PEER_SILENCE - 1);
    expect(told).toEqual([]);
    pass(2);
    expect(told).toEqual(['a lost: gave no answer for 10 s']);
    expect(isClosed).toBe(true);
  });

  it('waits as long as something comes, and when nothing is due', () => {
    events.opened();
    pass(10 * PEER_SILENCE);
    ask('a');
    for (let count = 0; count < 5; count++) {
      pass(PEER_SILENCE - 1);
      receive('EN\r\n');
    }
    receive('MN\r\n');
    expect(told).toHaveLength(1);
    pass(10 * PEER_SILENCE);
    expect(isClosed).toBe(false);
    ask('b');
    pass(PEER_SILENCE - 1);
    expect(told).toHaveLength(1);
    pass(2);
    expect(told[1]).toBe('b lost: gave no answer for 10 s');
  });

  it('breaks off when it says what nobody asked for', () => {
    events.opened();
    ask('a');
    receive('MN\r\nEN\r\n');
    ask('b');
    pass(1);
    expect(told).toEqual(['a: MN\r\n', 'b lost: sent what nobody asked for']);
  });

  it('may be closed out of an answer', () => {
    events.opened();
    peer.exchange(
      Buffer.from('a\r\n'),
      () => peer.close(),
      () => told.push('a lost'),
    );
    ask('b');
    receive('MN\r\nMN\r\n');
    expect(told).toEqual(['b lost: the connection was closed on purpose']);
    expect(isClosed).toBe(true);
  });

  it.each([
    ['ERROR\r\n', 'gave an unexpected answer to stats: ERROR'],
    ['STAT a 1\r\nnonsense\r\n', 'gave an unexpected answer to stats: nonsense'],
    [`${'STAT a 1\r\n'.repeat(7000)}STAT`, 'answer to stats is too long'],
  ])('whose statistics are wrong says so', (answer, reason) => {
    events.opened();
    peer.stats(
      'general',
      () => told.push('stats'),
      (why) => told.push(why),
    );
    receive(answer);
    expect(told).toEqual([expect.stringContaining(reason)]);
  });
});
