/**
 * Reload: what changed takes effect and is told, what did not change goes on, and nothing wrong changes anything. On a
 * pair with adverts each 200 ms of which A is MASTER; each test leaves it so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { type Capture, startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { editAndReload, editConfig, type Section } from './support/edit-config.ts';
import { measured } from './support/measured.ts';
import { fastPair, type Pair, PROXY, PROXY_PORT, startPair, VIP, waitServes } from './support/pair.ts';

const OTHER_VIP = '10.9.0.251';

let pair: Pair;
let capture: Capture;
beforeAll(async () => {
  pair = await startPair({ config: fastPair });
  await waitServes(pair.a);
  capture = await startCapture(pair.b.host, { filter: 'ip proto 112 or arp' });
});
afterAll(() => pair.destroy());

const instanceOf = (config: { vrrp_instance: Record<string, Section> }): Section =>
  config.vrrp_instance.VI_1!;
const elections = async () => (await pair.a.daemon.instance()).transitions;
/** Priorities of A's adverts from a moment on. */
const prioritiesSince = async (since: number) =>
  (await capture.frames(`ip proto 112 and ether src ${pair.a.host.mac}`))
    .filter(({ t }) => t > since)
    .map(({ hex }) => Number.parseInt(hex.slice(72, 74), 16));

/** Edits, expects these lines on stdout, and that A is MASTER as before. */
async function inPlace(change: (instance: Section) => void, lines: readonly string[]): Promise<number> {
  const { a, b } = pair;
  const before = await elections();
  const ours = (await b.daemon.instance()).transitions;
  const begun = monotonicNow();
  const { code, out, err } = await editAndReload(a.daemon, (config) => change(instanceOf(config)));
  expect({ code, out, err }).toEqual({ code: 0, out: lines, err: [] });
  expect(await elections()).toEqual(before);
  expect((await b.daemon.instance()).transitions).toEqual(ours);
  for (const line of lines.filter((each) => each !== 'nothing changed')) {
    expect(pair.a.daemon.log().filter(({ t, msg }) => t >= begun && msg === `reload: ${line}`)).toHaveLength(
      1,
    );
  }
  return begun;
}

describe('an instance that stays MASTER', () => {
  test('nothing changed', async () => {
    await inPlace(() => {}, ['nothing changed']);
    await pair.a.daemon.waitLog(/^reload: nothing changed$/);
  });

  test('priority: the next advertisement has it', async () => {
    await inPlace(
      (instance) => {
        instance.priority = 150;
      },
      ['vrrp_instance VI_1: priority 100 -> 150'],
    );
    const changed = monotonicNow();
    const sent = await until('it is on the wire', async () => {
      const priorities = await prioritiesSince(changed);
      return priorities.length > 0 && priorities;
    });
    expect(new Set(sent)).toEqual(new Set([150]));
    expect((await pair.a.daemon.instance()).priority).toBe(150);
  });

  test.each([
    ['0.2', '0.1'],
    ['0.1', '1'],
    ['1', '0.2'],
  ])('advert_int %s -> %s: the adverts follow at once, and the peer with them', async (from, to) => {
    await inPlace(
      (instance) => {
        instance.advert_int = Number(to);
      },
      [
        `vrrp_instance VI_1: advert_int ${from} -> ${to}`,
        ...(from === '1' ? ['vrrp_instance VI_1: vip_lease 2 -> 1'] : []),
        ...(to === '1' ? ['vrrp_instance VI_1: vip_lease 1 -> 2'] : []),
      ],
    );
    const changed = monotonicNow();
    const before = (await pair.b.daemon.instance()).transitions;
    await until('two adverts came', async () => (await prioritiesSince(changed)).length >= 3);
    const times = (await capture.frames(`ip proto 112 and ether src ${pair.a.host.mac}`)).map(({ t }) => t);
    const [second, third] = times.filter((t) => t > changed).slice(1);
    expect(third! - second!).toBeGreaterThan(Number(to) * 1000 * 0.5);
    expect(third! - second!).toBeLessThan(Number(to) * 1000 + 400);
    expect((await pair.b.daemon.instance()).transitions).toEqual(before);
  });

  test('an address more is put on and announced, an address less is taken away', async () => {
    const added = await inPlace(
      (instance) => {
        instance.virtual_ipaddress = [VIP, OTHER_VIP];
      },
      [`vrrp_instance VI_1: virtual_ipaddress: added ${OTHER_VIP}/32 dev eth0`],
    );
    await until('it is here', () => pair.a.host.holds(OTHER_VIP), { timeout: 1000 });
    await until('it is announced', async () => {
      const arps = await capture.frames(`arp src host ${OTHER_VIP}`);
      return arps.filter(({ t }) => t > added).length >= 5;
    });
    const { readded, held } = await vipMetrics();
    expect({ readded, held }).toEqual({ readded: 0, held: 1 });
    await inPlace(
      (instance) => {
        instance.virtual_ipaddress = [VIP];
      },
      [`vrrp_instance VI_1: virtual_ipaddress: removed ${OTHER_VIP}/32 dev eth0`],
    );
    await until('it is gone', async () => !(await pair.a.host.holds(OTHER_VIP)), { timeout: 1000 });
    expect(await pair.a.host.holds(VIP)).toBe(true);
    await sleep(300); // a renewal later it is still gone
    expect(await pair.a.host.holds(OTHER_VIP)).toBe(false);
    expect((await vipMetrics()).held).toBeNull();
  });

  const vipMetrics = async () => {
    const scrape = await pair.a.daemon.metrics();
    return {
      readded: scrape.value('memcache_ha_vip_readded_total', { address: OTHER_VIP }),
      held: scrape.value('memcache_ha_vip_held', { address: OTHER_VIP }),
    };
  };

  test('its counters, its proxy and its probes go on', async () => {
    const { a } = pair;
    const before = await a.daemon.metrics();
    const pid = await a.proxyPid();
    const client = await pair.client(PROXY);
    await inPlace(
      (instance) => {
        instance.garp_master_refresh = 60;
      },
      ['vrrp_instance VI_1: garp_master_refresh 0 -> 60'],
    );
    await sleep(300);
    expect((await client.stop()).longestGap).toBeLessThan(300);
    const after = await a.daemon.metrics();
    expect(await a.proxyPid()).toBe(pid);
    for (const name of [
      'memcache_ha_vrrp_advertisements_sent_total',
      'memcache_ha_memcached_probe_seconds_count',
    ])
      expect(after.value(name)).toBeGreaterThan(before.value(name)!);
    // One connection of the probe was opened at the start, and no other since.
    expect(after.value('memcached_connections_total', { name: 'local' })).toBe(
      before.value('memcached_connections_total', { name: 'local' }),
    );
  });

  test('a hook that runs goes on, and a hook is not run because it is new', async () => {
    const { a } = pair;
    const file = join(a.host.directory, 'hooks');
    const script = join(a.host.directory, 'hook.sh');
    writeFileSync(script, `#!/bin/sh\nsleep 1\necho "$MEMCACHE_HA_STATE $1" >> ${file}\n`, { mode: 0o755 });
    await editAndReload(a.daemon, (config) => {
      config.global_defs.script_user = 'root';
      instanceOf(config).notify_backup = [script, 'old'];
      instanceOf(config).notify_master = [script, 'old'];
    });
    await a.daemon.command('drain');
    await a.daemon.waitState('BACKUP');
    await pair.waitHolder('b');
    await editAndReload(a.daemon, (config) => {
      instanceOf(config).notify_backup = [script, 'new'];
    });
    await a.daemon.command('resume');
    await a.daemon.waitState('MASTER');
    await until('both hooks have run', () => readFileSync(file, 'utf8').split('\n').length === 3);
    expect(readFileSync(file, 'utf8')).toBe('BACKUP old\nMASTER old\n');
    await waitServes(a);
  });
});

describe('checks', () => {
  test('a script that is added is run; while it has no result it is no fault', async () => {
    await inPlace(() => {}, ['nothing changed']);
    const { code, out } = await editAndReload(pair.a.daemon, (config) => {
      config.vrrp_script = { chk: { script: ['sleep', '0.3'], interval: 1, timeout: 2 } };
      instanceOf(config).track_script = ['chk'];
    });
    expect({ code, out }).toEqual({
      code: 0,
      out: ['vrrp_script chk: added', 'vrrp_instance VI_1: track_script: added chk'],
    });
    expect((await pair.a.daemon.status()).scripts[0]).toMatchObject({ name: 'chk', status: 'unknown' });
    await pair.a.daemon.waitLog(/script chk is up/);
    expect((await pair.a.daemon.instance()).state).toBe('MASTER');
  });

  test('one that is changed stands where it stood until its own results say otherwise', async () => {
    const { daemon } = pair.a;
    const before = await elections();
    await editAndReload(daemon, (config) => {
      config.vrrp_script!.chk = {
        script: ['sh', '-c', 'sleep 0.3; exit 1'],
        interval: 0.5,
        timeout: 2,
        fall: 2,
      };
    });
    expect((await daemon.status()).scripts[0]).toMatchObject({ name: 'chk', status: 'up' });
    await daemon.waitLog(/MASTER -> FAULT: script_failed/);
    await pair.waitHolder('b');
    await editAndReload(daemon, (config) => {
      config.vrrp_script!.chk = { script: ['sleep', '0.2'], interval: 0.5, timeout: 2 };
    });
    await daemon.waitState('MASTER');
    await pair.waitHolder('a');
    expect((await elections()).length).toBeGreaterThan(before.length);
  });

  test('one that is taken away leaves nothing', async () => {
    const { daemon } = pair.a;
    const before = await elections();
    const { code, out } = await editAndReload(daemon, (config) => {
      delete config.vrrp_script;
      delete instanceOf(config).track_script;
    });
    expect({ code, out }).toEqual({
      code: 0,
      out: ['vrrp_script chk: removed', 'vrrp_instance VI_1: track_script: removed chk'],
    });
    expect((await daemon.metrics()).value('memcache_ha_check_up')).toBeNull();
    expect((await daemon.status()).scripts).toEqual([]);
    expect(await elections()).toEqual(before);
  });

  test('a memcached at another place: no fault unless it does not answer there', async () => {
    const { a } = pair;
    const before = await elections();
    await editAndReload(a.daemon, (config) => {
      config.memcached.local!.interval = 0.2;
    });
    expect((await a.daemon.status()).memcached[0]).toMatchObject({ status: 'up' });
    await sleep(500);
    expect(await elections()).toEqual(before);
    await editAndReload(a.daemon, (config) => {
      config.memcached.local!.address = `${a.host.address}:11999`;
    });
    await a.daemon.waitState('FAULT');
    await editAndReload(a.daemon, (config) => {
      config.memcached.local!.address = `${a.host.address}:11211`;
    });
    await a.daemon.waitState('MASTER');
    await waitServes(a);
    await pair.waitHolder('a');
  });
});

describe('the proxy', () => {
  test('that is changed is started anew, with no election', async () => {
    const { a } = pair;
    const pid = await a.proxyPid();
    const before = await elections();
    const { out } = await editAndReload(a.daemon, (config) => {
      const { front } = config.proxy;
      front!.command = (front!.command as string[]).slice();
      front!.listen = `${VIP}:${PROXY_PORT + 1}`;
      front!.command = ['memcached', '-u', 'root', '-l', '{host}', '-p', '{port}', '-U', '0'];
    });
    expect(out).toEqual([
      `proxy front: listen ${VIP}:${PROXY_PORT} -> ${VIP}:${PROXY_PORT + 1}`,
      expect.stringMatching(/^proxy front: command /),
    ]);
    await until('it listens at its new place', () => a.host.listens(PROXY_PORT + 1, VIP));
    expect(await a.host.listens(PROXY_PORT, VIP)).toBe(false);
    expect(await a.proxyPid()).not.toBe(pid);
    expect(await elections()).toEqual(before);
  });

  test('that takes the place of another is started where the address is, the other is stopped', async () => {
    const { a } = pair;
    const pid = await a.proxyPid();
    const { out } = await editAndReload(a.daemon, (config) => {
      const { front, ...rest } = config.proxy;
      Object.assign(config, { proxy: { ...rest, other: { ...front, listen: PROXY } } });
      instanceOf(config).proxy = 'other';
    });
    expect(out).toEqual([
      'proxy front: removed',
      'proxy other: added',
      'vrrp_instance VI_1: proxy front -> other',
    ]);
    await until('it listens', () => a.host.listens(PROXY_PORT, VIP));
    expect(a.host.pids()).not.toContain(pid);
    await a.proxyPid();
    expect((await a.daemon.status()).proxies).toMatchObject([{ name: 'other', up: true }]);
  });
});

describe('instances', () => {
  const second = {
    interface: 'eth0',
    virtual_router_id: 77,
    version: 3,
    advert_int: 0.2,
    virtual_ipaddress: ['10.9.0.77'],
  };
  const named = async (name: string) =>
    (await pair.a.daemon.status()).instances.find((each) => each.name === name);

  test('one more is elected beside the others, which go on', async () => {
    const first = (await named('VI_1'))!.transitions;
    const { out } = await editAndReload(pair.a.daemon, (config) => {
      config.vrrp_instance.VI_2 = second;
    });
    expect(out).toEqual(['vrrp_instance VI_2: added']);
    await until('it is MASTER', async () => (await named('VI_2'))?.state === 'MASTER');
    await until('it holds', () => pair.a.host.holds('10.9.0.77'));
    expect((await named('VI_1'))!.transitions).toEqual(first);
  });

  test('one that is another virtual router resigns as the one and begins as the other', async () => {
    const begun = monotonicNow();
    const { out } = await editAndReload(pair.a.daemon, (config) => {
      config.vrrp_instance.VI_2!.virtual_router_id = 78;
    });
    expect(out).toEqual([
      'vrrp_instance VI_2: virtual_router_id 77 -> 78',
      'vrrp_instance VI_2: resigns and begins anew',
    ]);
    await until('it is MASTER', async () => (await named('VI_2'))?.state === 'MASTER');
    const words = (await capture.frames('ip proto 112'))
      .filter(({ t }) => t > begun)
      .map(
        ({ hex }) => `${Number.parseInt(hex.slice(70, 72), 16)} ${Number.parseInt(hex.slice(72, 74), 16)}`,
      );
    expect(words.filter((word) => word === '77 0')).toHaveLength(2);
    expect(words.lastIndexOf('77 100')).toBeLessThan(words.indexOf('77 0'));
    expect(words.indexOf('78 100')).toBeGreaterThan(words.lastIndexOf('77 0'));
    // Its history goes on.
    expect((await named('VI_2'))!.transitions.map(({ to }) => to)).toEqual([
      'MASTER',
      'BACKUP',
      'STOP',
      'MASTER',
      'BACKUP',
    ]);
  });

  test('one that is taken away resigns, and what it held goes', async () => {
    const begun = monotonicNow();
    const { out } = await editAndReload(pair.a.daemon, (config) => {
      delete config.vrrp_instance.VI_2;
    });
    expect(out).toEqual(['vrrp_instance VI_2: removed']);
    expect(await named('VI_2')).toBeUndefined();
    expect(await pair.a.host.holds('10.9.0.77')).toBe(false);
    const zeros = (await capture.frames('ip proto 112 and ip[21] = 78 and ip[22] = 0')).filter(
      ({ t }) => t > begun,
    );
    expect(zeros).toHaveLength(2);
    const scrape = await pair.a.daemon.metrics();
    expect(scrape.value('memcache_ha_vrrp_state', { instance: 'VI_2' })).toBeNull();
    expect(scrape.value('memcache_ha_vip_held', { instance: 'VI_2' })).toBeNull();
  });
});

describe('what is refused, and then nothing has changed', () => {
  const refusals: readonly [
    string,
    (config: { global_defs: Section; vrrp_instance: Record<string, Section> }) => void,
    RegExp,
  ][] = [
    [
      'a misspelt key',
      (config) => Object.assign(instanceOf(config), { priorty: 1 }),
      /^FILE:\d+:\d+: vrrp_instance\.VI_1\.priorty: unknown key/,
    ],
    [
      'another control socket',
      ({ global_defs }) => Object.assign(global_defs, { control: '/run/other.sock' }),
      /^FILE: global_defs\.control: .* needs a restart$/,
    ],
    [
      'a user that is not there',
      ({ global_defs }) => Object.assign(global_defs, { script_user: 'nobody-there' }),
      /^global_defs\.script_user: there is no user nobody-there$/,
    ],
    [
      'metrics at an address that is not ours',
      ({ global_defs }) => Object.assign(global_defs, { metrics: { listen: '10.9.0.99:9650' } }),
      /^metrics 10\.9\.0\.99:9650: .*EADDRNOTAVAIL/,
    ],
    [
      'a FIFO that cannot be opened',
      ({ global_defs }) => Object.assign(global_defs, { vrrp_notify_fifo: '/no/such/directory/fifo' }),
      /mkfifo/,
    ],
  ];
  test.each(refusals)('%s', async (_title, change, reason) => {
    const { daemon } = pair.a;
    const good = readFileSync(daemon.file, 'utf8');
    const before = { elections: await elections(), priority: (await daemon.instance()).configured_priority };
    const refused = (await daemon.metrics()).value('memcache_ha_config_reloads_total', {
      result: 'refused',
    })!;
    const { code, out, err } = await editAndReload(daemon, (config) => {
      instanceOf(config).priority = 7;
      change(config);
    }).finally(() => writeFileSync(daemon.file, good));
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toHaveLength(2);
    expect(err[0]!.replace(daemon.file, 'FILE')).toMatch(reason);
    expect(err[1]).toBe('memcache-ha reload: refused, nothing was changed');
    await daemon.waitLog(/^reload: refused, nothing was changed$/);
    const scrape = await daemon.metrics();
    expect(scrape.value('memcache_ha_config_reloads_total', { result: 'refused' })).toBe(refused + 1);
    expect(scrape.value('memcache_ha_config_last_reload_successful')).toBe(0);
    expect({ elections: await elections(), priority: (await daemon.instance()).configured_priority }).toEqual(
      before,
    );
    expect((await daemon.command('reload')).stdout).toBe('nothing changed\n');
    expect((await daemon.metrics()).value('memcache_ha_config_last_reload_successful')).toBe(1);
  });

  test('a file that is gone', async () => {
    const { daemon } = pair.a;
    const good = readFileSync(daemon.file, 'utf8');
    writeFileSync(daemon.file, '');
    expect((await daemon.command('reload')).code).toBe(1);
    writeFileSync(daemon.file, good);
  });
});

describe('the host', () => {
  test('metrics move; the log level changes in place, for the instances too', async () => {
    const { daemon, host } = pair.a;
    const { code, out } = await editAndReload(daemon, ({ global_defs }) => {
      global_defs.metrics = { listen: '0.0.0.0:9650' };
      global_defs.log = { level: 'warn' };
      global_defs.router_id = 'R9';
    });
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        'global_defs: router_id R1 -> R9',
        'global_defs: metrics 127.0.0.1:9650 -> 0.0.0.0:9650',
        'global_defs: log.level debug -> warn',
      ],
    });
    expect(await host.listens(9650, '0.0.0.0')).toBe(true);
    expect((await daemon.get('/healthz')).status).toBe(200);
    expect((await daemon.status()).router_id).toBe('R9');
    const quiet = monotonicNow();
    await daemon.command('drain');
    await daemon.waitState('BACKUP');
    await daemon.command('resume');
    await daemon.waitState('MASTER');
    expect(daemon.log().filter(({ t, level }) => t > quiet && level === 'info')).toEqual([]);
    await editAndReload(daemon, ({ global_defs }) => {
      global_defs.metrics = { listen: '127.0.0.1:9650' };
      global_defs.log = { level: 'debug' };
    });
    await waitServes(pair.a);
  });

  test('stays drained', async () => {
    const { daemon } = pair.a;
    await daemon.command('drain');
    await pair.waitHolder('b');
    await editAndReload(daemon, (config) => {
      instanceOf(config).priority = 200;
    });
    expect(await daemon.status()).toMatchObject({
      drained: true,
      instances: [{ state: 'BACKUP', candidate: false }],
    });
    await daemon.command('resume');
    await daemon.waitState('MASTER');
    await pair.waitHolder('a');
  });

  test('takes SIGHUP for the same', async () => {
    const { daemon } = pair.a;
    const before = monotonicNow();
    editConfig(daemon, (config) => {
      instanceOf(config).priority = 201;
    });
    daemon.process.kill('SIGHUP');
    await daemon.waitLog(/^reload: vrrp_instance VI_1: priority \d+ -> 201$/, { after: before });
  });
});

describe('many at once', () => {
  test('five commands at the same time: each gets an answer, and no more than one waits behind another', async () => {
    const { daemon } = pair.a;
    const count = async () => (await daemon.metrics()).value('memcache_ha_config_reloads_total')!;
    const before = await count();
    editConfig(daemon, (config) => {
      instanceOf(config).priority = 202;
    });
    const finished = await Promise.all(Array.from({ length: 5 }, () => daemon.command('reload')));
    expect(finished.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(finished.some(({ stdout }) => stdout.includes('priority 201 -> 202'))).toBe(true);
    expect((await count()) - before).toBeLessThan(5);
    expect((await daemon.instance()).configured_priority).toBe(202);
  });

  test('twenty, good and bad, under load: no advert is missed, no election, and the client goes on', async () => {
    const { a, b } = pair;
    const before = await elections();
    const ours = (await b.daemon.instance()).transitions;
    const good = readFileSync(a.daemon.file, 'utf8');
    const client = await pair.client(PROXY);
    const since = monotonicNow();
    for (let round = 0; round < 20; round++) {
      writeFileSync(
        a.daemon.file,
        round % 2 === 0
          ? good.slice(0, good.length / 2)
          : good.replace('"priority": 202', `"priority": ${203 + round}`),
      );
      expect((await a.daemon.command('reload')).code).toBe(round % 2 === 0 ? 1 : 0);
    }
    await client.waitAnswer(monotonicNow() + 100);
    const gap = (await client.stop()).longestGap;
    const times = (await capture.frames(`ip proto 112 and ether src ${a.host.mac}`))
      .map(({ t }) => t)
      .filter((t) => t > since);
    const late = Math.max(...times.slice(1).map((t, i) => t - times[i]! - 200));
    measured('the latest advert during 20 reloads (adverts each 200 ms)', late);
    measured('the client’s longest gap during 20 reloads', gap);
    expect(late).toBeLessThan(300);
    expect(gap).toBeLessThan(500);
    expect(await elections()).toEqual(before);
    expect((await b.daemon.instance()).transitions).toEqual(ours);
  });
});
