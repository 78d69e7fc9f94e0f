import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/proxy/options.ts';

describe("magent's command lines", () => {
  it('of the first tutorial, with its name changed', () => {
    const words =
      '-u root -n 51200 -l 192.168.100.250 -p 12000 -s 192.168.100.101:11211 -b 192.168.100.102:11211';
    expect(parseOptions(words.split(' '))).toMatchObject({
      user: 'root',
      maxConnections: 51200,
      listenHost: '192.168.100.250',
      listenPort: 12000,
      servers: [{ host: '192.168.100.101', port: 11211 }],
      backups: [{ host: '192.168.100.102', port: 11211 }],
      foreground: false,
      ketama: false,
      maxIdle: 20,
      timeout: 230,
    });
  });

  it('with several servers, flags together and values attached', () => {
    expect(
      parseOptions([
        '-kDvv',
        '-s',
        'a',
        '-sb:1',
        '-p0',
        '-f',
        '/tmp/s',
        '--listen-fd=3',
        '--metrics',
        '[::1]:9',
      ]),
    ).toMatchObject({
      ketama: true,
      foreground: true,
      verbosity: 2,
      servers: [
        { host: 'a', port: 11211 },
        { host: 'b', port: 1 },
      ],
      listenPort: 0,
      socketPath: '/tmp/s',
      listenFd: 3,
      metrics: { host: '::1', port: 9 },
    });
  });

  it('asking for help needs no server', () => {
    expect(parseOptions(['--help'])).toMatchObject({ help: true });
  });
});

describe('mistakes', () => {
  it.each([
    [[], 'no memcached given: -s HOST:PORT is needed'],
    [['-s'], '-s needs a value'],
    [['-s', 'a:0'], '-s a:0: HOST:PORT is wanted'],
    [['-s', 'a:70000'], '-s a:70000: HOST:PORT is wanted'],
    [['-s', 'a', '-p', 'x'], '-p x: a number from 0 to 65535 is wanted'],
    [['-s', 'a', '-z'], '-z: no such option'],
    [['-s', 'a', '--frob'], '--frob: no such option'],
    [['-s', 'a', 'b'], 'b: no such option'],
    [['-s', 'a', '--timeout', '5'], '--timeout 5: a number from 10 to 60000 is wanted'],
  ])('%j', (argv, error) => {
    expect(parseOptions(argv)).toEqual({ error });
  });
});
