/** A BACKUP rehearses a takeover; nobody on the link, and nothing on the host, is to notice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { bundledPair } from './support/bundled.ts';
import { createPair, type Pair, PROXY, VIP, waitServes } from './support/pair.ts';

/** More than the daemon and its spare take to begin and to end with theirs. */
const LONG_OVER = 2500;

let pair: Pair;
beforeAll(async () => {
  pair = await createPair({ config: (host) => bundledPair(host, { run: 'always' }) });
});
afterAll(() => pair?.destroy());

test('the BACKUP says nothing, holds nothing, and is as it was', async () => {
  const { a, b } = pair;
  await a.startDaemon();
  await waitServes(a);
  const capture = await startCapture(b.host, { filter: `ip proto 112 or (arp and host ${VIP})` });
  const loopback = await startCapture(b.host, { filter: 'arp or ip proto 112', interface: 'lo' });
  const before = await b.host.exec(['ip', '-o', 'addr']);
  await b.startDaemon();
  await b.daemon.waitState('BACKUP');
  await sleep(LONG_OVER);
  expect((await b.host.exec(['ip', '-o', 'addr'])).stdout).toBe(before.stdout);
  const own = b.host.address;
  expect(await capture.frames(`ip src host ${own} or arp src host ${VIP}`)).toEqual([]);
  expect(await loopback.frames()).toEqual([]);
  expect((await capture.frames('ip proto 112')).length).toBeGreaterThan(5);
  const { state, transitions } = await b.daemon.instance();
  expect(state).toBe('BACKUP');
  expect(transitions.map(({ to }) => to)).toEqual(['BACKUP']);
  expect(b.daemon.log().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  const metrics = await b.daemon.metrics();
  expect(metrics.value('memcache_ha_vrrp_advertisements_sent_total', { instance: 'VI_1' })).toBe(0);
});

test('and takes over when it is for real', async () => {
  const { a, b } = pair;
  const client = await pair.client(PROXY);
  a.daemon.process.kill('SIGKILL');
  await waitServes(b);
  await pair.waitHolder('b');
  await client.waitAnswer(monotonicNow());
  await client.stop();
});
