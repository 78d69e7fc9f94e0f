import { describe, expect, test } from 'vitest';
import { daemonMoment } from '../../../src/demo/daemon-moments.ts';

const TIME = '2026-01-02T03:04:05.678Z';
const line = (fields: object) => JSON.stringify({ level: 'info', time: TIME, ...fields });
const moment = (fields: object) => daemonMoment('B', line(fields), 0);

describe('a line of the log becomes a moment', () => {
  test.each([
    [
      'a transition, with what was waited for',
      { instance: 'VI_1', from: 'BACKUP', to: 'MASTER', reason: 'master_resigned', msg: 'x' },
      { kind: 'master', text: 'BACKUP -> MASTER: master_resigned', waited: 'B waits its Skew_Time, 613 ms' },
    ],
    [
      'a MASTER that is gone without a word',
      { from: 'BACKUP', to: 'MASTER', reason: 'master_down', msg: 'x' },
      { kind: 'master', waited: 'B waits its Master_Down_Interval, 3613 ms without an advertisement' },
    ],
    [
      'a MASTER that resigns and serves on',
      { from: 'MASTER', to: 'FAULT', reason: 'memcached_down', msg: 'x' },
      {
        kind: 'fault',
        text: 'MASTER -> FAULT: memcached_down (keeps the VIP until a new MASTER is heard)',
      },
    ],
    [
      'a BACKUP has no VIP to keep',
      { from: 'BACKUP', to: 'FAULT', reason: 'memcached_down', msg: 'x' },
      { kind: 'fault', text: 'BACKUP -> FAULT: memcached_down' },
    ],
    [
      'a memcached that is down',
      { memcached: 'local', status: 'down', msg: 'memcached local is down: connection refused' },
      { kind: 'memcached-down', text: 'its probe of memcached: connection refused' },
    ],
    [
      'a memcached that is up',
      { memcached: 'local', status: 'up', msg: 'memcached local is up' },
      { kind: 'memcached-up' },
    ],
    [
      'a proxy that listens',
      { proxy: 'front', ms: 12.3, msg: 'proxy front listens on 10.9.0.250:12000' },
      { kind: 'proxy-listens', text: 'sees the proxy listen on 10.9.0.250:12000, 12.3 ms after its start' },
    ],
    [
      'a proxy that died',
      { proxy: 'front', msg: 'proxy front died (SIGKILL), starting it again in 0 ms' },
      { kind: 'proxy-died', text: 'the proxy died (SIGKILL), starting it again in 0 ms' },
    ],
    ['a proxy that stopped', { proxy: 'front', msg: 'proxy front stopped' }, { kind: 'proxy-stopped' }],
    [
      'a hook',
      { hook: 'notify_master', result: 'success', ms: 3, msg: 'notify_master: exit code 0: /x Master' },
      { kind: 'hook', text: 'hook notify_master ran: success, 3 ms' },
    ],
    ['the end', { msg: 'SIGTERM received' }, { kind: 'stopping' }],
  ])('%s', (_, fields, expected) => {
    expect(moment(fields)).toMatchObject({ witness: 'B', ...expected });
  });

  test.each([
    ['the rest of the log', line({ msg: 'memcache-ha 0.1.0 started' })],
    ['what a proxy says', line({ proxy: 'front', msg: 'proxy front says: it listens hard' })],
    ['a warning about a slow memcached', line({ memcached: 'local', failures: 1, msg: 'no answer' })],
    ['no JSON', 'panic'],
    ['other JSON', '[]'],
    ['null', 'null'],
    ['no time', '{"msg":"SIGTERM received"}'],
  ])('none: %s', (_, text) => {
    expect(daemonMoment('A', text, 0)).toBeNull();
  });

  test('the wall clock becomes the monotonic one, in the middle of its millisecond', () => {
    const apart = Date.parse(TIME) - 1000;
    expect(daemonMoment('A', line({ msg: 'SIGTERM received' }), apart)?.t).toBe(1000.5);
  });
});
