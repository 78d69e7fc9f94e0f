/** The parsers of single strings: what they accept, and what they make of it. Their refusals are in mistakes.test.ts. */
import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../../src/config/command-words.ts';
import { parseEndpoint } from '../../../src/config/endpoint.ts';
import { isIpv4 } from '../../../src/config/ipv4.ts';
import { didYouMean } from '../../../src/config/suggest.ts';
import { parseTracked } from '../../../src/config/tracked.ts';

describe('splitCommand', () => {
  test.each([
    ['/x', ['/x']],
    ['  /x  a\tb ', ['/x', 'a', 'b']],
    [`/x 'a b' "c d"`, ['/x', 'a b', 'c d']],
    [`/x a'b c'd`, ['/x', 'ab cd']],
    [`/x ''`, ['/x', '']],
    ['/x "" a', ['/x', '', 'a']],
    [String.raw`/x a\ b`, ['/x', 'a b']],
    [String.raw`/x "a\"b" 'c\d'`, ['/x', 'a"b', String.raw`c\d`]],
    [`/x 'it"s' "it's"`, ['/x', 'it"s', "it's"]],
    ['/x $HOME *', ['/x', '$HOME', '*']],
    ['/x a\\', ['/x', 'a\\']],
    ['/x\n  a', ['/x', 'a']],
  ])('%j', (text, words) => {
    expect(splitCommand(text)).toEqual({ ok: true, value: words });
  });

  test.each(['', '   ', `''`, `"" x`, `x 'a`, 'x "a', `x "a\\"`])('refuses %j', (text) => {
    expect(splitCommand(text).ok).toBe(false);
  });
});

describe('parseEndpoint', () => {
  test.each([
    ['10.0.0.1:80', null, '10.0.0.1', 80],
    ['10.0.0.1', 11211, '10.0.0.1', 11211],
    ['cache-a.example.org:1', 11211, 'cache-a.example.org', 1],
    ['localhost', 11211, 'localhost', 11211],
    ['0.0.0.0:65535', null, '0.0.0.0', 65535],
  ] as const)('%s', (text, defaultPort, host, port) => {
    expect(parseEndpoint(text, defaultPort)).toEqual({ ok: true, value: { host, port } });
  });

  test.each([
    ['10.0.0.1', 'the port is missing'],
    ['10.0.0.1:', 'the port must be 1 to 65535'],
    ['10.0.0.1:65536', 'the port must be 1 to 65535'],
    ['10.0.0.1:0x1', 'the port must be 1 to 65535'],
    ['10.0.0:1', '10.0.0 is no IPv4 address'],
    [':80', 'write 0.0.0.0 for every address'],
    ['*:80', 'write 0.0.0.0 for every address'],
    ['[::1]:80', 'IPv6 is not supported'],
    ['::1', 'IPv6 is not supported'],
    ['a b:80', 'such as'],
    ['', 'such as'],
  ])('refuses %j', (text, why) => {
    expect(parseEndpoint(text, null)).toEqual({ ok: false, reason: expect.stringContaining(why) });
  });
});

test.each([
  ['0.0.0.0', true],
  ['255.255.255.255', true],
  ['192.168.100.250', true],
  ['256.0.0.1', false],
  ['1.2.3', false],
  ['1.2.3.4.5', false],
  ['01.2.3.4', false],
  ['1.2.3.4 ', false],
  ['1.2.3.-4', false],
])('isIpv4 %j: %s', (text, expected) => {
  expect(isIpv4(text)).toBe(expected);
});

test.each([
  ['eth0', 'eth0', undefined],
  ['eth0 weight 0', 'eth0', 0],
  [' eth0   weight  -253 ', 'eth0', -253],
  ['eth0 weight +253', 'eth0', 253],
])('parseTracked %j', (text, name, weight) => {
  expect(parseTracked(text)).toEqual({ ok: true, value: { name, weight } });
});

test.each([
  '',
  ' ',
  'a b',
  'a weight',
  'a weight x',
  'a weight 254',
  'a weight -254',
  'a weight 1 2',
  'a weight 1e2',
])('parseTracked refuses %j', (text) => {
  expect(parseTracked(text).ok).toBe(false);
});

test.each([
  ['priorty', 'priority'],
  ['VI-1', 'VI_1'],
  ['vi_1', 'VI_1'],
  ['fornt', 'front'],
  ['x', null],
  ['completely_else', null],
])('didYouMean %s: %s', (word, expected) => {
  const hint = expected === null ? '' : `, did you mean "${expected}"?`;
  expect(didYouMean(word, ['priority', 'VI_1', 'front', 'preempt_delay'])).toBe(hint);
});
