import { describe, expect, it } from 'vitest';
import { parseAmount, parseSyncOptions } from '../../../src/sync/options.ts';

describe('amounts', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['20000', 20_000],
    ['20k', 20_000],
    ['20K', 20_000],
    ['1.5M', 1_500_000],
    ['32MB', 32_000_000],
    ['1G', 1_000_000_000],
    ['64Ki', 65_536],
    ['64KiB', 65_536],
    ['2Mi', 2_097_152],
    ['1GiB', 1_073_741_824],
    ['100B', 100],
    ['', null],
    ['k', null],
    ['-1', null],
    ['1e3', null],
    ['1 k', null],
    ['1T', null],
    ['0.5', null],
    ['Infinity', null],
  ])('%j is %j', (text, amount) => expect(parseAmount(text)).toBe(amount));
});

describe('options', () => {
  const BOTH = ['--from', '127.0.0.1:1', '--to', 'cache-b:2'];
  it.each([
    [BOTH, { items: 20_000, bytes: 32_000_000 }],
    [[...BOTH, '--rate', '0', '--bytes-rate=0'], { items: 0, bytes: 0 }],
    [[...BOTH, '--rate=5k', '--bytes-rate', '1Mi'], { items: 5000, bytes: 1_048_576 }],
  ])('%j', (argv, rate) =>
    expect(parseSyncOptions(argv)).toEqual({
      kind: 'options',
      options: { from: { host: '127.0.0.1', port: 1 }, to: { host: 'cache-b', port: 2 }, rate },
    }),
  );

  it('the port is memcached’s unless it is given', () =>
    expect(parseSyncOptions(['--from', '10.0.0.1', '--to', '[fd00::1]'])).toMatchObject({
      options: { from: { host: '10.0.0.1', port: 11211 }, to: { host: 'fd00::1', port: 11211 } },
    }));

  it.each([['-h'], ['--help'], ['--help', '--from', 'a:1']])('%j %j: help', (...argv) =>
    expect(parseSyncOptions(argv)).toEqual({ kind: 'help' }),
  );

  it.each([
    [[], '--from HOST:PORT is missing'],
    [['--from', 'a:1'], '--to HOST:PORT is missing'],
    [['--from', 'a:1', '--to'], "Option '--to <value>' argument missing"],
    [['--from', 'a:0', '--to', 'b:1'], '--from'],
    [['--from', 'a:1', '--to', 'b:x'], '--to'],
    [['--from', 'a:1', '--to', 'a:1'], 'the same memcached'],
    [['--from', 'a', '--to', 'a:11211'], 'the same memcached'],
    [[...BOTH, '--rate', 'fast'], '--rate is fast'],
    [[...BOTH, '--bytes-rate', '1T'], '--bytes-rate is 1T'],
    [[...BOTH, 'more'], 'more'],
    [[...BOTH, '--dry-run'], '--dry-run'],
  ])('%j is wrong', (argv, reason) =>
    expect(parseSyncOptions(argv)).toEqual({ kind: 'wrong', reason: expect.stringContaining(reason) }),
  );
});
