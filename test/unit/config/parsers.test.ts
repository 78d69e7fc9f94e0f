/** The parsers of single strings: what they accept, and what they make of it. Their refusals are in mistakes.test.ts. */
import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../../src/config/command-words.ts';
import { parseEndpoint } from '../../../src/config/endpoint.ts';
import { isIpv4 } from '../../../src/config/host-address.ts';
import { parseInitFile } from '../../../src/config/init-file.ts';
import { parseDelays } from '../../../src/config/interface-delays.ts';
import { didYouMean } from '../../../src/config/suggest.ts';
import { parseTracked, parseWeight } from '../../../src/config/tracked.ts';

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
    ['[::1]:11211', null, '::1', 11211],
    ['[::]:80', null, '::', 80],
    ['[FD00:0::9:1]', 11211, 'fd00::9:1', 11211],
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
    ['::1', 'an IPv6 address stands in brackets, such as [fd00::1]:11211'],
    ['fd00:0:0:1:0:0:0:1:80', 'an IPv6 address stands in brackets, such as [fd00::1]:11211'],
    ['[::1]', 'the port is missing'],
    ['[::1]80', 'such as'],
    ['[10.0.0.1]:80', '10.0.0.1 is no IPv6 address'],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0 is no IPv6 address'],
    ['[]:80', ' is no IPv6 address'],
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
  ['eth0', 'eth0', undefined, undefined],
  ['eth0 weight 0', 'eth0', 0, undefined],
  [' eth0   weight  -253 ', 'eth0', -253, undefined],
  ['eth0 weight +253', 'eth0', 253, undefined],
  ['eth0 weight -0', 'eth0', 0, undefined],
  ['chk weight 0 reverse', 'chk', 0, true],
  ['chk weight -20 noreverse', 'chk', -20, false],
])('parseTracked %j', (text, name, weight, reverse) => {
  expect(parseTracked(text)).toEqual({ ok: true, value: { name, weight, reverse } });
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
  'a reverse',
  'a weight reverse',
  'a weight 1 revers',
  'a weight 1 reverse 2',
])('parseTracked refuses %j', (text) => {
  expect(parseTracked(text).ok).toBe(false);
});

test.each([
  ['5', 5, undefined],
  [' -253  reverse ', -253, true],
  ['0 noreverse', 0, false],
])('parseWeight %j', (text, weight, reverse) => {
  expect(parseWeight(text, 253)).toEqual({ ok: true, value: { weight, reverse } });
});

test.each(['', 'reverse', '254', '-254 reverse', '1.5', '5 reverse reverse'])(
  'parseWeight refuses %j',
  (text) => {
    expect(parseWeight(text, 253).ok).toBe(false);
  },
);

test('weights up to 254 where they are allowed', () => {
  expect(parseTracked('f weight 254', 254).ok).toBe(true);
  expect(parseTracked('f weight -255', 254).ok).toBe(false);
});

test.each([
  ['5', 5, false],
  ['-5 overwrite', -5, true],
  ['overwrite 7', 7, true],
  ['overwrite', 0, true],
  ['2147483647', 2147483647, false],
  ['-2147483648', -2147483648, false],
])('parseInitFile %j', (text, value, overwrite) => {
  expect(parseInitFile(text)).toEqual({ ok: true, value: { value, overwrite } });
});

test.each(['', 'x', '1.5', '1 2', 'overwrite overwrite', '2147483648', '-2147483649', '1 over'])(
  'parseInitFile refuses %j',
  (text) => {
    expect(parseInitFile(text).ok).toBe(false);
  },
);

test.each([
  ['3', 3, 0],
  ['3 5', 3, 5],
  [' 0.25   255 ', 0.25, 255],
])('parseDelays %j', (text, down, up) => {
  expect(parseDelays(text)).toEqual({ ok: true, value: { down, up } });
});

test.each(['', 'x', '-1', '256', '3 256', '1 2 3', '1e1'])('parseDelays refuses %j', (text) => {
  expect(parseDelays(text).ok).toBe(false);
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
