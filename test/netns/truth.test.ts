/** `status`, `/metrics`, `/healthz` and `/status` say what `ip addr` and the wire say, at each step of a failover. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Status } from '../../src/daemon/status.ts';
import { until } from '../../src/lab/await.ts';
import { type Capture, startCapture } from '../../src/lab/capture.ts';
import { ask } from '../../src/lab/programs.ts';
import { createPair, firstTutorial, type Member, type Pair, VIP } from './support/pair.ts';
import { type Answers, type Known, type Truth, tellsTheTruth } from './support/truth.ts';

const KNOWN: Known = { priorities: { a: 100, b: 99 }, hasProxy: true };

/** What the daemon tells, the command tells too: all of it as JSON, the most of it as text. */
async function commandTellsTheTruth(member: Member, truth: Truth): Promise<Answers> {
  const answers = await tellsTheTruth(member, KNOWN, truth);
  const { code, stdout, stderr } = await member.daemon.command('status', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { pid, instances, proxies } = JSON.parse(stdout) as Status;
  expect(pid).toBe(answers.status.pid);
  expect(instances).toEqual(answers.status.instances);
  expect(proxies).toEqual(answers.status.proxies);
  const text = (await member.daemon.command('status')).stdout;
  expect(text).toContain(`VI_1  ${truth.state} for `);
  expect(text).toContain(`  ${VIP} is ${truth.state === 'MASTER' ? 'here' : 'not here'}`);
  return answers;
}

describe('the truth about the pair', () => {
  let pair: Pair;
  let wire: Capture;
  beforeAll(async () => {
    // A hook that works and one that does not.
    const hooks = { notify_master: ['true'], notify_backup: ['true'], notify: ['/no/such/hook'] };
    pair = await createPair({ config: (host) => firstTutorial(host, { instance: hooks }) });
    wire = await startCapture(pair.lab.client, { filter: 'ip proto 112' });
    // One after the other, so that B has no chance to be MASTER first and every number is known.
    await pair.a.startDaemon();
    await pair.a.daemon.waitState('MASTER');
    await pair.b.startDaemon();
    await pair.b.daemon.waitState('BACKUP');
  });
  afterAll(() => pair.destroy());

  test('elected', async () => {
    const a = await commandTellsTheTruth(pair.a, { state: 'MASTER', master: pair.a });
    expect(a.status.memcached[0]!.address).toBe(`${pair.a.host.address}:11211`);
    expect(a.transitions).toEqual(['BACKUP MASTER master_down', 'INIT BACKUP startup']);
    const b = await commandTellsTheTruth(pair.b, { state: 'BACKUP', master: pair.a });
    expect(b.transitions).toEqual(['INIT BACKUP startup']);
  });

  test('adverts sent and received are those on the wire', async () => {
    const { a, b } = pair;
    const sent = async () => {
      const [fromA, atB] = await Promise.all([a.daemon.metrics(), b.daemon.metrics()]);
      const frames = await wire.frames(`ip src ${a.host.address}`);
      return {
        sent: fromA.value('memcache_ha_vrrp_advertisements_sent_total'),
        silent: atB.value('memcache_ha_vrrp_advertisements_sent_total'),
        received: atB.value('memcache_ha_vrrp_advertisements_received_total'),
        seen: frames.length,
      };
    };
    // The three numbers are read one after the other: an advert in between makes them differ, once a second.
    const agree = await until('what A counts as sent is what was seen', async () => {
      const now = await sent();
      return now.sent === now.seen && now;
    });
    expect(agree.silent).toBe(0);
    expect(agree.seen).toBeGreaterThanOrEqual(1);
    const later = await until('B receives each one that A sends', async () => {
      const now = await sent();
      return now.sent! > agree.sent! && now.received! - agree.received! === now.sent! - agree.sent! && now;
    });
    expect(later.seen).toBeGreaterThan(agree.seen);
  });

  test('the statistics of memcached stand under the exporter’s names', async () => {
    const { a } = pair;
    await ask(a.host, '127.0.0.1:11211', 'set counted 0 0 1\r\nx');
    await ask(a.host, '127.0.0.1:11211', 'get counted');
    await ask(a.host, '127.0.0.1:11211', 'get missing');
    const local = { name: 'local' };
    const scrape = await until('the next probe brought them', async () => {
      const now = await a.daemon.metrics();
      return now.value('memcached_commands_total', { ...local, command: 'get', status: 'miss' }) === 1 && now;
    });
    expect(scrape.value('memcached_commands_total', { ...local, command: 'get', status: 'hit' })).toBe(1);
    expect(scrape.value('memcached_commands_total', { ...local, command: 'set', status: 'hit' })).toBe(1);
    expect(scrape.value('memcached_current_items', local)).toBe(1);
    expect(scrape.value('memcached_limit_bytes', local)).toBe(64 * 1024 * 1024);
    expect(scrape.value('memcached_version', { ...local, version: '1.6.18' })).toBe(1);
    expect(scrape.value('memcached_uptime_seconds', local)).toBeGreaterThan(0);
    // dashboards of prometheus/memcached_exporter ask for these
    for (const name of [
      'current_bytes',
      'current_connections',
      'max_connections',
      'connections_total',
      'items_total',
      'items_evicted_total',
      'read_bytes_total',
      'written_bytes_total',
    ]) {
      expect(scrape.names).toContain(`memcached_${name}`);
    }
  });

  test('probes and hooks are counted, those that fail too', async () => {
    const { a } = pair;
    const scrape = await a.daemon.metrics();
    const probes = scrape.value('memcache_ha_memcached_probe_seconds_count', { name: 'local' })!;
    expect(probes).toBeGreaterThanOrEqual(4);
    expect(scrape.value('memcache_ha_memcached_probe_seconds_bucket', { name: 'local', le: '+Inf' })).toBe(
      probes,
    );
    expect(scrape.value('memcache_ha_memcached_probe_seconds_sum', { name: 'local' })).toBeGreaterThan(0);
    expect(scrape.value('memcache_ha_vrrp_takeover_seconds_count', { instance: 'VI_1' })).toBe(1);
    const hooks = (hook: string, result: string) =>
      scrape.value('memcache_ha_hook_runs_total', { hook, result });
    expect(hooks('notify_master', 'success')).toBe(1);
    expect(hooks('notify_backup', 'success')).toBe(1);
    expect(hooks('notify', 'not_runnable')).toBe(2);
    expect(
      await a.daemon.waitLog(/^notify: ENOENT: \/no\/such\/hook INSTANCE VI_1 MASTER 100$/),
    ).toMatchObject({
      level: 'error',
    });
  });

  test('memcached killed on A: FAULT there, MASTER on B', async () => {
    const { a, b } = pair;
    a.memcached.kill('SIGKILL');
    await pair.waitHolder('b');
    const onA = await commandTellsTheTruth(a, { state: 'FAULT', master: b, memcachedUp: false });
    expect(onA.transitions[0]).toBe('MASTER FAULT memcached_down');
    expect(onA.status.instances[0]!.faults).toEqual([
      { kind: 'memcached', name: 'local', detail: 'connection refused' },
    ]);
    expect(onA.scrape.names).not.toContain('memcached_current_items');
    const onB = await commandTellsTheTruth(b, { state: 'MASTER', master: b });
    expect(onB.transitions[0]).toBe('BACKUP MASTER master_resigned');
  });

  test('another fault of the same memcached on A is told in the place of the first', async () => {
    const { a } = pair;
    const silent = `require('node:net').createServer(() => {}).listen(11211, '${a.host.address}')`;
    const mute = a.host.spawn([process.execPath, '-e', silent]);
    const fault = async () => (await a.daemon.status()).instances[0]!.faults[0]?.detail;
    try {
      await until('the fault is another one', async () => (await fault()) !== 'connection refused', {
        every: 50,
      });
      expect(await fault()).toMatch(/^no answer within \d+ ms$/);
      expect((await a.daemon.status()).instances[0]!.transitions[0]!.detail).toMatch(/connection refused$/);
    } finally {
      await mute.stop();
    }
    await until('it is refused again', async () => (await fault()) === 'connection refused', { every: 50 });
  });

  test('memcached back on A: MASTER there again, BACKUP on B', async () => {
    const { a, b } = pair;
    await a.startMemcached();
    await pair.waitHolder('a');
    const onA = await commandTellsTheTruth(a, { state: 'MASTER', master: a });
    expect(onA.transitions.slice(0, 2)).toEqual(['BACKUP MASTER preempt', 'FAULT BACKUP recovered']);
    const onB = await commandTellsTheTruth(b, { state: 'BACKUP', master: a });
    expect(onB.transitions[0]).toBe('MASTER BACKUP higher_priority_master');
  });

  test('tshark dissects every advert as VRRP, with checksum and password, without a complaint', async () => {
    await wire.stop();
    const frames = await wire.frames('ip proto 112');
    const fields = [
      'vrrp.version',
      'vrrp.type',
      'vrrp.checksum.status',
      'vrrp.auth_string',
      'ip.ttl',
      'ip.dsfield',
    ];
    const adverts = await wire.fields('vrrp', fields);
    expect(adverts).toHaveLength(frames.length);
    expect(adverts.length).toBeGreaterThan(10);
    for (const advert of adverts) {
      expect(advert).toEqual({
        'vrrp.version': ['2'],
        'vrrp.type': ['1'],
        'vrrp.checksum.status': ['1'],
        'vrrp.auth_string': ['1111'],
        'ip.ttl': ['255'],
        'ip.dsfield': ['0xc0'],
      });
    }
    expect(await wire.complaints('ip')).toEqual([]);
  });
});
