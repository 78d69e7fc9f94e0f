import { describe, expect, it } from 'vitest';
import { ketamaDistribution } from '../../../src/core/ketama.ts';
import { md5Words } from '../../../src/core/md5.ts';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function hex(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, '0').match(/../g)!.reverse().join('')).join('');
}

describe('MD5, the test suite of RFC 1321 A.5', () => {
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ])('%j', (text, digest) => {
    const padded = bytes(`<${text}>`);
    expect(hex(md5Words(padded, 1, padded.length - 1))).toBe(digest);
  });
});

describe('ketama chooses as libmemcached 1.1.4 does (getServerByKey of php-memcached, OPT_LIBKETAMA_COMPATIBLE)', () => {
  const servers = [
    { host: '10.0.0.1', port: 11211 },
    { host: '10.0.0.2', port: 11211 },
    { host: 'cache-three.example', port: 11212 },
    { host: '10.0.0.4', port: 12000 },
  ];
  const choose = ketamaDistribution(servers);

  it.each([
    ['a', 1],
    ['key', 0],
    ['user:1', 3],
    ['user:2', 2],
    ['session-abc', 0],
    ['foo', 1],
    ['bar', 1],
    ['baz', 0],
    ['k'.repeat(250), 1],
    ['\xe9t\xe9', 2],
    ['12345', 3],
    ['memc.sess.key.1', 2],
  ])('%j', (key, server) => {
    expect(choose(bytes(key), 0, key.length)).toBe(server);
  });

  it('has one server for every key when there is only one', () => {
    expect(ketamaDistribution(servers.slice(0, 1))(bytes('a'), 0, 1)).toBe(0);
  });
});
