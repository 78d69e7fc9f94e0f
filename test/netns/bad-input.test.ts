/** What users and strangers get wrong: configs, rights, taken ports, broken and forged adverts. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import {
  controlOf,
  MEMCACHE_HA,
  memcacheHa,
  startDaemon,
  watchDaemon,
  writeConfig,
} from './support/daemon.ts';
import { measured } from './support/measured.ts';
import { type Config, VIP } from './support/pair.ts';
import { reclaim, spawnUnprivileged } from './support/unprivileged.ts';

let lab: Lab<'a' | 'b'>;
let host: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhabad' });
  host = lab.hosts.a;
});
afterEach(() => host.powerOn());
afterAll(() => lab.destroy());

/** All that a start could have touched: addresses, listeners, processes. */
async function footprint() {
  const { stdout } = await host.exec(['ip', '-j', 'addr']);
  return { addresses: stdout, listeners: await host.listeners(), pids: host.pids() };
}

/** `run` to its end in the host, which must be as it was before. */
async function refused(...words: readonly string[]) {
  const before = await footprint();
  const finished = await host.exec(words, { allowFailure: true, deadline: 15_000 });
  expect(await footprint()).toEqual(before);
  return finished;
}

const GOOD = `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [${VIP}]
`;
const withLines = (...lines: string[]) => `${GOOD}${lines.map((line) => `    ${line}\n`).join('')}`;

describe('a config with a mistake', () => {
  const mistakes: readonly (readonly [
    title: string,
    text: string,
    at: string,
    key: string,
    words: RegExp,
  ])[] = [
    ['a wrong type', withLines('priority: high'), '6:15', 'vrrp_instance.VI_1.priority', /"high"/],
    ['an unknown key', withLines('prioritty: 100'), '6:5', 'vrrp_instance.VI_1.prioritty', /mean "priority"/],
    ['no interface', GOOD.replace(/ {4}interface.*\n/, ''), '2:3', 'vrrp_instance.VI_1.interface', /missing/],
    ['VRID 0', GOOD.replace('51', '0'), '4:24', 'vrrp_instance.VI_1.virtual_router_id', /is 0.* 1 to 255/],
    [
      'a VIP that is no address',
      GOOD.replace(VIP, 'vip'),
      '5:25',
      'vrrp_instance.VI_1.virtual_ipaddress[0]',
      /"vip", must be an IPv4 or IPv6 address/,
    ],
    [
      'no VIP at all',
      GOOD.replace(`[${VIP}]`, '[]'),
      '5:24',
      'vrrp_instance.VI_1.virtual_ipaddress',
      /empty/,
    ],
    ['priority 300', withLines('priority: 300'), '6:15', 'vrrp_instance.VI_1.priority', /is 300.* 1 to 255/],
    [
      'a v2 advert_int with a fraction',
      withLines('advert_int: 1.5'),
      '6:17',
      'vrrp_instance.VI_1.advert_int',
      /whole number of seconds/,
    ],
    [
      'auth_type AH',
      withLines('authentication: { auth_type: AH, auth_pass: "1111" }'),
      '6:34',
      'vrrp_instance.VI_1.authentication.auth_type',
      /"AH", must be PASS/,
    ],
    [
      'a track_memcached that is not defined',
      `memcached: { local: { address: 127.0.0.1 } }\n${withLines('track_memcached: [locl]')}`,
      '7:23',
      'vrrp_instance.VI_1.track_memcached[0]',
      /not define.*"local"/,
    ],
    [
      'a proxy that is not defined',
      withLines('proxy: front'),
      '6:12',
      'vrrp_instance.VI_1.proxy',
      /not define/,
    ],
    [
      'two instances with one VRID on one interface',
      `${GOOD}${GOOD.slice(GOOD.indexOf('\n') + 1)
        .replace('VI_1', 'VI_2')
        .replace(VIP, '10.9.0.251')}`,
      '8:24',
      'vrrp_instance.VI_2.virtual_router_id',
      /VI_1/,
    ],
    ['broken YAML', `${GOOD}   : [\n`, '', '', /./],
  ];
  test.each(mistakes)(
    '%s: file, line, column, key, exit 2, nothing touched',
    async (_, text, at, key, words) => {
      const file = join(host.directory, 'mistake.yaml');
      writeFileSync(file, text);
      const { code, stdout, stderr } = await refused(...MEMCACHE_HA, 'run', '--config', file);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      const errors = stderr.split('\n').filter((line) => line !== '' && !line.includes(': warning: '));
      if (key === '') expect(errors[0]).toMatch(/mistake\.yaml:\d+:\d+: \S/);
      else {
        expect(errors).toHaveLength(1);
        expect(errors[0]).toContain(`${file}:${at}: ${key}: `);
      }
      expect(errors[0]).toMatch(words);
      // `check` says the same, as its answer.
      const checked = await memcacheHa(host, 'check', '--config', file);
      expect(checked).toMatchObject({ code: 2, stdout: stderr, stderr: '' });
    },
  );

  test('all of them at once are all told', async () => {
    const file = join(host.directory, 'mistakes.yaml');
    writeFileSync(file, withLines('priority: 300', 'advert_int: 1.5', 'proxy: none').replace('51', '0'));
    const { code, stderr } = await refused(...MEMCACHE_HA, 'run', '--config', file);
    expect(code).toBe(2);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.split(': ')[1]),
    ).toEqual([
      'vrrp_instance.VI_1.virtual_router_id',
      'vrrp_instance.VI_1.priority',
      'vrrp_instance.VI_1.advert_int',
      'vrrp_instance.VI_1.proxy',
    ]);
  });

  test.each([
    ['no file', ['run', '--config', '/no/such/file.yaml'], 2, /^\/no\/such\/file\.yaml:1:1: .*ENOENT/],
    ['an unknown option', ['run', '--confg', 'x'], 2, /confg/],
    ['an unknown command', ['rnu'], 2, /unknown command rnu/],
    ['a name that every object has', ['constructor'], 2, /unknown command constructor/],
    [
      'status without a daemon',
      ['status', '--control', '/no/such.sock'],
      1,
      /^memcache-ha status: no memcache-ha is running at \/no\/such\.sock/,
    ],
    [
      'drain without a daemon',
      ['drain', '--control', '/no/such.sock'],
      1,
      /^memcache-ha drain: no memcache-ha is running/,
    ],
  ])('%s is told in a line', async (_, words, code, message) => {
    const finished = await refused(...MEMCACHE_HA, ...words);
    expect(finished.code).toBe(code);
    expect(finished.stdout).toBe('');
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).not.toMatch(/^\s+at /m);
  });
});

/** A config that does nothing but elect, fast. */
const config = (instance: Config = {}): Config => ({
  vrrp_instance: {
    VI_1: {
      interface: 'eth0',
      virtual_router_id: 51,
      version: 3,
      advert_int: 0.1,
      virtual_ipaddress: [VIP],
      ...instance,
    },
  },
});

describe('a config with a warning', () => {
  test('a password that is too long is cut: exit 0, and it is not shown', async () => {
    const v2 = config({
      version: 2,
      advert_int: 1,
      authentication: { auth_type: 'PASS', auth_pass: 'far-too-long' },
    });
    const { code, stdout } = await memcacheHa(host, 'check', '--config', writeConfig(host, v2));
    expect(code).toBe(0);
    expect(stdout).toMatch(/auth_pass: .*longer than 8 characters/);
    expect(stdout).not.toContain('far-too-long');
  });

  test('an interface that this host does not have: run waits in FAULT until it appears, then elects', async () => {
    const missing = config({ interface: 'late0' });
    const checked = await memcacheHa(host, 'check', '--config', writeConfig(host, missing));
    expect(checked.code).toBe(0);
    expect(checked.stdout).toMatch(/interface: .*no interface late0; run waits in FAULT until it appears/);

    const appear = async () => {
      await host.exec(['ip', 'link', 'add', 'late0', 'type', 'veth', 'peer', 'name', 'late1']);
      await host.exec(['ip', 'link', 'set', 'late1', 'up']);
      await host.exec(['ip', 'link', 'set', 'late0', 'up']);
      await host.exec(['ip', 'addr', 'add', '10.10.0.1/24', 'dev', 'late0']);
    };
    const daemon = await startDaemon(host, missing);
    const { faults } = await daemon.waitState('FAULT');
    expect(faults[0]).toEqual({ kind: 'interface', name: 'late0', detail: 'there is no interface late0' });
    expect(daemon.process.stderr.text()).toMatch(/no interface late0/);
    await appear();
    await daemon.waitState('MASTER');
    await until('the VIP is on late0', () => host.holds(VIP));
    // And again, when it is made anew: another index, another socket.
    await host.exec(['ip', 'link', 'del', 'late0']);
    await daemon.waitState('FAULT');
    await appear();
    await daemon.waitState('MASTER');
    await until('the VIP is on late0 again', () => host.holds(VIP));
    daemon.process.kill('SIGTERM');
    expect(await daemon.process.exited).toEqual({ code: 0, signal: null });
    await host.exec(['ip', 'link', 'del', 'late0']);
  });
});

describe('a host that does not let it', () => {
  test.each([
    ['-net_raw', /^memcache-ha: CAP_NET_RAW is missing: .*\n$/],
    ['-net_admin', /^memcache-ha: CAP_NET_ADMIN is missing: .*\n$/],
    ['-net_raw,-net_admin', /^memcache-ha: CAP_NET_ADMIN and CAP_NET_RAW are missing: .*\n$/],
  ])('without capabilities (%s): one line, exit 1', async (capabilities, message) => {
    const words = [
      'setpriv',
      `--bounding-set=${capabilities}`,
      `--inh-caps=${capabilities}`,
      '--',
      ...MEMCACHE_HA,
    ];
    const { code, stderr } = await refused(...words, 'run', '--config', writeConfig(host, config()));
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('with both capabilities and no root it runs', async () => {
    const file = writeConfig(host, config());
    const child = await spawnUnprivileged(host, ['run', '--config', file]);
    const daemon = watchDaemon(host, file, child);
    await daemon.waitState('MASTER');
    await until('it holds the VIP', () => host.holds(VIP));
    child.kill('SIGTERM');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(await host.holds(VIP)).toBe(false);
    await reclaim(host);
  });

  test('a metrics port that is taken: one line, exit 1, no control socket left', async () => {
    const other = host.spawn([
      'python3',
      '-c',
      'import socket,time\ns=socket.create_server(("127.0.0.1",9650))\nprint("ready",flush=True)\ntime.sleep(60)',
    ]);
    await other.stdout.waitFor(/ready/);
    const { code, stderr } = await refused(...MEMCACHE_HA, 'run', '--config', writeConfig(host, config()));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^memcache-ha: metrics 127\.0\.0\.1:9650: .*EADDRINUSE.*\n$/);
    expect(statSync(controlOf(host), { throwIfNoEntry: false })).toBeUndefined();
    await other.stop();
  });

  test('a second daemon on the same control socket: one line, exit 1, and the first lives on', async () => {
    const first = await startDaemon(host, config());
    await first.waitState('MASTER');
    expect(statSync(first.control).mode & 0o777).toBe(0o600);
    const second = await host.exec([...MEMCACHE_HA, 'run', '--config', first.file], { allowFailure: true });
    expect(second.code).toBe(1);
    expect(second.stderr).toBe(`memcache-ha: control: another memcache-ha answers at ${first.control}\n`);
    expect((await first.instance()).state).toBe('MASTER');
    expect(await host.holds(VIP)).toBe(true);

    const release = await memcacheHa(host, 'release', '--config', first.file);
    expect(release.code).toBe(1);
    expect(release.stderr).toMatch(/the daemon runs/);

    // Killed, it leaves its socket and, for a second, its address: neither is in the way of the next.
    first.process.kill('SIGKILL');
    await first.process.exited;
    expect((await memcacheHa(host, 'status', '--control', first.control)).stderr).toMatch(
      /no memcache-ha is running/,
    );
    const released = await memcacheHa(host, 'release', '--config', first.file);
    expect(released).toMatchObject({ code: 0, stdout: `${VIP} is not on eth0\n` });
    expect(await host.holds(VIP)).toBe(false);
    const third = await startDaemon(host, config());
    await third.waitState('MASTER');
    await third.process.stop();
    expect(statSync(third.control, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('nonsense on the control socket is answered, and does no harm', async () => {
    const daemon = await startDaemon(host, config());
    const say = async (text: string) => {
      const script =
        'import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(5)\ns.connect(sys.argv[1])\ns.sendall(sys.stdin.buffer.read())\nprint(s.recv(65536).decode())';
      return (
        await host.exec(['python3', '-c', script, daemon.control], { input: text, allowFailure: true })
      ).stdout.trim();
    };
    expect(JSON.parse(await say('nonsense\n'))).toMatchObject({ ok: false });
    expect(JSON.parse(await say('[]\n'))).toMatchObject({ ok: false });
    expect(JSON.parse(await say('{"command":"explode"}\n'))).toEqual({
      ok: false,
      error: 'unknown command explode',
    });
    expect(await say('x'.repeat(10_000))).toBe('');
    expect((await daemon.command('status')).code).toBe(0);
    expect((await daemon.get('/nowhere')).status).toBe(404);
    await daemon.process.stop();
  });

  test('a script_user that does not exist: one line, exit 1', async () => {
    const text = { ...config(), global_defs: { script_user: 'no_such_user' } };
    const { code, stderr } = await refused(...MEMCACHE_HA, 'run', '--config', writeConfig(host, text));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^memcache-ha: global_defs\.script_user: there is no user no_such_user\n$/);
  });
});

test('a reader of the log that hangs holds up neither the address nor the end', async () => {
  // More than a pipe holds (64 KiB), which nobody reads.
  const talk = 'for i in $(seq 90); do head -c 1500 /dev/zero | tr "\\0" x; echo; done; exec sleep 100';
  const proxy = { front: { listen: `${VIP}:12000`, command: ['bash', '-c', talk] } };
  const file = writeConfig(host, { ...config({ proxy: 'front' }), proxy });
  const words = [...MEMCACHE_HA, 'run', '--config', file].join(' ');
  const process = host.spawn(['bash', '-c', `exec ${words} > >(exec sleep 100)`]);
  const daemon = watchDaemon(host, file, process);
  await daemon.waitState('MASTER');
  await sleep(1500); // longer than the lease
  expect(await host.holds(VIP)).toBe(true);
  process.kill('SIGTERM');
  const told = monotonicNow();
  const exit = await Promise.race([process.exited, sleep(8000)]);
  expect(exit).toEqual({ code: 0, signal: null });
  measured('from SIGTERM to the exit, alone (handover 1300), nobody reads the log', monotonicNow() - told);
  expect(await host.holds(VIP)).toBe(false);
});

test('a reader of the log that goes away is no reason to stop', async () => {
  const file = writeConfig(host, config());
  const words = [...MEMCACHE_HA, 'run', '--config', file].join(' ');
  const process = host.spawn(['bash', '-c', `exec ${words} > >(head -n 1 >/dev/null)`]);
  const daemon = watchDaemon(host, file, process);
  await daemon.waitState('MASTER');
  await daemon.command('drain');
  await daemon.waitState('BACKUP');
  await daemon.command('resume');
  await daemon.waitState('MASTER');
  process.kill('SIGTERM');
  expect(await process.exited).toEqual({ code: 0, signal: null });
});
