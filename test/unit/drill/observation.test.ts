import { describe, expect, test } from 'vitest';
import type { Status } from '../../../src/daemon/status.ts';
import { counterpart, HERE, instanceNamed } from '../../../src/drill/hosts.ts';
import { createObservation } from '../../../src/drill/observation.ts';
import { backup, instance, memcached, proxy, seen, status, unseen } from './sample.ts';

/** The wall clock of this process is this far ahead of its monotonic one. */
const WALL = Date.parse('2026-01-01T00:00:00.000Z');
const iso = (ms: number) => new Date(WALL + ms).toISOString();

function observe() {
  return createObservation(
    (label, said) => (label === HERE ? instanceNamed(said, 'VI_1') : counterpart(instance(), said)),
    WALL,
  );
}

const toFault = {
  at: iso(100),
  from: 'MASTER',
  to: 'FAULT',
  reason: 'memcached_down',
  detail: 'gone',
} as const;
const faulty = (ms: number, extra: Partial<Status> = {}): Status =>
  status({ time: iso(ms), instances: [instance({ state: 'FAULT', transitions: [toFault] })], ...extra });

describe('transitions', () => {
  test('at the time when they happened, once', () => {
    const observation = observe();
    observation.add(seen(HERE, status({ time: iso(0) }), 0));
    observation.add(seen(HERE, faulty(150), 150));
    observation.add(seen(HERE, faulty(250), 250));
    expect(observation.moments()).toEqual([
      {
        t: expect.closeTo(100.5, 0),
        who: HERE,
        mood: 'bad',
        text: 'MASTER -> FAULT  memcached_down: gone',
      },
      { t: 151, who: HERE, mood: 'plain', text: 'let go of 10.9.0.250' },
    ]);
    expect(observation.changes(HERE).map(({ state }) => state)).toEqual(['MASTER', 'FAULT']);
    expect(observation.transitions()).toHaveLength(1);
  });

  test('those that were there at first are no news', () => {
    const observation = observe();
    observation.add(seen(HERE, faulty(150), 150));
    observation.add(seen(HERE, faulty(250), 250));
    expect(observation.moments()).toEqual([]);
    expect(observation.changes(HERE)).toEqual([{ t: 150, state: 'FAULT' }]);
  });

  test("another host's clock is compared by its quickest answer", () => {
    const observation = observe();
    const peer = (ms: number, said: Partial<Status> = {}) => backup({ time: iso(ms + 3_600_000), ...said });
    observation.add({ ...seen('peer', peer(40), 0), answered: 80 });
    observation.add(seen('peer', peer(100), 100));
    // An hour ahead, and late: it must not spoil what is known.
    observation.add({ ...seen('peer', peer(290), 200), answered: 300 });
    const taken = {
      at: iso(3_600_000 + 350),
      from: 'BACKUP',
      to: 'MASTER',
      reason: 'master_resigned',
      detail: '',
    } as const;
    const master = instance({ state: 'MASTER', transitions: [taken] });
    observation.add(seen('peer', peer(400, { instances: [master] }), 400));
    expect(observation.transitions()).toEqual([
      { label: 'peer', state: 'MASTER', t: expect.closeTo(350, -1) },
    ]);
    expect(observation.clockError('peer')).toBe(1);
  });

  test('a host that does not tell its time is taken to have ours', () => {
    const observation = observe();
    const old = status({ time: undefined as unknown as string });
    observation.add(seen('peer', old, 0));
    const later = { ...old, instances: [instance({ state: 'FAULT', transitions: [toFault] })] };
    observation.add(seen('peer', later, 120));
    expect(observation.transitions()).toMatchObject([{ t: 100.5, state: 'FAULT' }]);
    expect(observation.clockError('peer')).toBeNull();
  });
});

describe('a daemon that does not answer', () => {
  test('is silent from the first question on that it did not answer, until it does', () => {
    const observation = observe();
    observation.add(seen(HERE, status({ time: iso(0) }), 0));
    observation.add(unseen(HERE, 'nobody there', 100));
    observation.add(unseen(HERE, 'nobody there', 200));
    observation.add(seen(HERE, status({ time: iso(300), pid: 12 }), 300));
    expect(observation.moments().map(({ t, text }) => [t, text])).toEqual([
      [100, 'its daemon does not answer: nobody there'],
      [301, 'its daemon answers, a new one (pid 12)'],
    ]);
    expect(observation.changes(HERE)).toEqual([
      { t: 0, state: 'MASTER' },
      { t: 100, state: 'silent' },
      { t: 301, state: 'MASTER' },
    ]);
    expect(observation.transitions()).toEqual([]);
  });
});

test.each<[string, Partial<Status>, Partial<Status>, string[]]>([
  [
    'a memcached',
    { memcached: [memcached()] },
    { memcached: [memcached({ status: 'down', detail: 'refused' })] },
    ['memcached local is down: refused'],
  ],
  [
    'its copy',
    { memcached: [memcached({ copy: 'filling' })] },
    { memcached: [memcached()] },
    ['its copy is whole'],
  ],
  [
    'a proxy',
    { proxies: [proxy()] },
    { proxies: [proxy({ up: false, pid: null })] },
    ['proxy front does not listen'],
  ],
  [
    'another process of it',
    { proxies: [proxy()] },
    { proxies: [proxy({ pid: 21 })] },
    ['proxy front listens, pid 21'],
  ],
  [
    'a copy that is out',
    { proxies: [proxy()] },
    { proxies: [proxy({ copies: [{ ...proxy().copies[0]!, up: false }] })] },
    ['proxy front: copy 10.9.0.101:11211 is out'],
  ],
  [
    'the address',
    {},
    {
      instances: [instance({ virtual_addresses: [{ address: '10.9.0.250', held: false, conflict: null }] })],
    },
    ['let go of 10.9.0.250'],
  ],
  ['nothing', {}, {}, []],
])('what is told of %s', (_, before, now, texts) => {
  const observation = observe();
  observation.add(seen(HERE, status(before), 0));
  observation.add(seen(HERE, status(now), 100));
  expect(observation.moments().map(({ text }) => text)).toEqual(texts);
});
