/** What is made of peers' answers: those of our own version, of others, of other programs, and none. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPeers } from '../../../../src/daemon/peers/peers.ts';
import { readStatus } from '../../../../src/daemon/peers/status-shape.ts';
import type { PeerQuestion } from '../../../../src/io/peer-status.ts';
import { STATUS } from '../sample-status.ts';

const B = { host: '10.9.0.2', port: 9650 };
const C = { host: 'fd00::3', port: 9651 };

describe('the peers', () => {
  test('are asked all at once, and their answer holds for a second', async () => {
    let now = 0;
    const asked: PeerQuestion[] = [];
    const peers = createPeers({
      now: () => now,
      async ask(question) {
        asked.push(question);
        if (question.host === C.host) throw new Error('connection refused');
        return { ...STATUS, router_id: 'host-b', peers: [{ loop: true }] };
      },
    });
    const both = peers.statuses([B, C]);
    expect(asked.map(({ host, port, path }) => `${host} ${port} ${path}`)).toEqual([
      '10.9.0.2 9650 /status',
      'fd00::3 9651 /status',
    ]);
    const expected = [
      {
        address: '10.9.0.2:9650',
        reached: true,
        detail: '',
        at: expect.stringMatching(/^20..-..-..T/),
        status: { ...STATUS, router_id: 'host-b' },
      },
      { address: '[fd00::3]:9651', reached: false, detail: 'connection refused', at: null, status: null },
    ];
    expect(await both).toEqual(expected);
    now = 999;
    expect(await peers.statuses([B, C])).toEqual(expected);
    expect(asked).toHaveLength(2);
    now = 1000;
    await peers.statuses([B]);
    expect(asked).toHaveLength(3);
  });

  test('of which one does not answer: the first who looks waits for it, and nobody after that', async () => {
    let now = 0;
    const silent: ((error: Error) => void)[] = [];
    const peers = createPeers({ now: () => now, ask: () => new Promise((_, reject) => silent.push(reject)) });
    const look = () =>
      Promise.race([peers.statuses([B]), new Promise((resolve) => setTimeout(resolve, 20, 'waits'))]);
    expect(await look()).toBe('waits');
    silent[0]!(new Error('no answer within 500 ms'));
    expect(await look()).toMatchObject([{ detail: 'no answer within 500 ms' }]);
    now = 1500;
    expect(await look()).toMatchObject([{ detail: 'no answer within 500 ms' }]);
    expect(silent).toHaveLength(2);
    now = 1900;
    silent[1]!(new Error('connection refused'));
    await look();
    expect(await look()).toMatchObject([{ detail: 'connection refused' }]);
    now = 1500 + 5000;
    expect(await look()).toBe('waits');
    expect(silent).toHaveLength(3);
  });

  test('of which one answers, but is something else', async () => {
    const peers = createPeers({ now: () => 0, ask: async () => ({ status: 'ok' }) });
    expect(await peers.statuses([B])).toEqual([
      {
        address: '10.9.0.2:9650',
        reached: false,
        detail: 'what answers there is no memcache-ha',
        at: null,
        status: null,
      },
    ]);
  });
});

describe('a status', () => {
  test('of this version is read as it is', () => {
    expect(readStatus(STATUS)).toEqual(STATUS);
  });

  test('of an older version has what it lacks in neutral form', () => {
    const [{ cold, other_master, ...instance }] = STATUS.instances as [(typeof STATUS.instances)[0]];
    const { files, proxies, ...older } = STATUS;
    expect(readStatus({ ...older, instances: [instance] })).toEqual({
      ...STATUS,
      files: [],
      proxies: [],
      instances: [{ ...STATUS.instances[0], cold: [], other_master: null }],
    });
  });

  test('of a newer version is without what we do not know', () => {
    const instances = STATUS.instances.map((instance) => ({ ...instance, mood: 'good' }));
    expect(readStatus({ ...STATUS, instances, weather: [1] })).toEqual(STATUS);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', 'status'],
    ['a map of something else', { version: 3, instances: [] }],
    ['half of one', { version: '1' }],
  ])('is not %s', (_, answer) => {
    expect(readStatus(answer)).toBeNull();
  });

  test('is bounded', () => {
    const status = readStatus({
      ...STATUS,
      router_id: 'x'.repeat(100_000),
      files: Array.from({ length: 5000 }, () => ({})),
    })!;
    expect(status.router_id).toHaveLength(500);
    expect(status.files).toHaveLength(1000);
  });

  test('is whole whatever is in its places', () => {
    const keys = Object.keys(STATUS.instances[0]!);
    const instance = fc.dictionary(fc.constantFrom(...keys, '__proto__'), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(fc.oneof(instance, fc.jsonValue())), fc.jsonValue(), (instances, proxies) => {
        const status = readStatus({ version: '9', instances, proxies })!;
        for (const each of status.instances) {
          expect(Object.keys(each).toSorted()).toEqual(keys.toSorted());
          expect(typeof each.state).toBe('string');
          expect(each.virtual_addresses.every(({ address }) => typeof address === 'string')).toBe(true);
        }
        for (const { copies } of status.proxies) expect(Array.isArray(copies)).toBe(true);
      }),
    );
  });
});
