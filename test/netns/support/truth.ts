/** Asks a daemon over its socket and over HTTP and compares the answers with each other, with the kernel's and with what must be so. */
import { expect } from 'vitest';
import type { Status } from '../../../src/daemon/status.ts';
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import type { Scrape } from './metrics.ts';
import { type Member, PROXY, PROXY_PORT, VIP } from './pair.ts';

const STATES = ['INIT', 'BACKUP', 'MASTER', 'FAULT', 'STOP'] as const;

/** What a pair's config says, as far as the truth depends on it. */
export interface Known {
  readonly priorities: Readonly<Record<'a' | 'b', number>>;
  /** A proxy that runs where the virtual address is. */
  readonly hasProxy: boolean;
}

/** What must be so on a host. */
export interface Truth {
  readonly state: 'MASTER' | 'BACKUP' | 'FAULT';
  /** Who is master as far as the host knows; null: nobody. */
  readonly master: Member | null;
  /** Default true. */
  readonly memcachedUp?: boolean;
}

/** The answers, for what else a test has to say of them. */
export interface Answers {
  readonly status: Status;
  readonly scrape: Scrape;
  /** `FROM TO REASON`, newest first. */
  readonly transitions: readonly string[];
}

/** Waits until the host has heard of what happened, then asks. */
export async function tellsTheTruth({ host, daemon }: Member, known: Known, truth: Truth): Promise<Answers> {
  const { state, memcachedUp = true } = truth;
  const priorityOf = (one: Host) => known.priorities[one.name as 'a' | 'b'];
  const priority = priorityOf(host);
  const master = truth.master && {
    address: truth.master.host.address,
    priority: priorityOf(truth.master.host),
    self: truth.master.host === host,
  };
  const proxyUp = known.hasProxy ? state === 'MASTER' : null;
  await until(`${host.name} is ${state} and knows the master`, async () => {
    const [instance] = (await daemon.status()).instances;
    const settled = instance!.state === state && !instance!.handing_over;
    return settled && instance!.master?.address === master?.address;
  });
  if (proxyUp !== null) {
    await until(`the proxy on ${host.name} is ${proxyUp ? 'up' : 'gone'}`, async () => {
      const [proxy] = (await daemon.status()).proxies;
      return proxy!.up === proxyUp && (await host.listens(PROXY_PORT, VIP)) === proxyUp;
    });
  }

  const status = await daemon.status();
  const held = await host.holds(VIP);
  const instance = status.instances[0]!;
  expect(held).toBe(state === 'MASTER');
  expect(status).toMatchObject({ pid: daemon.process.pid, drained: false, instances: [{ name: 'VI_1' }] });
  expect(instance).toMatchObject({
    state,
    handing_over: false,
    interface: 'eth0',
    virtual_router_id: 51,
    priority,
    configured_priority: priority,
    candidate: true,
    virtual_addresses: [{ address: VIP, held }],
    proxy: proxyUp === null ? null : 'front',
    master,
  });
  expect(instance.since).toBe(instance.transitions[0]!.at);
  expect(instance.transitions[0]!.to).toBe(state);
  expect(status.memcached[0]).toMatchObject({
    name: 'local',
    status: memcachedUp ? 'up' : 'down',
    version: '1.6.18',
  });
  expect(status.proxies.map(({ name, listen, up }) => ({ name, listen, up }))).toEqual(
    proxyUp === null ? [] : [{ name: 'front', listen: PROXY, up: proxyUp }],
  );
  if (proxyUp === true) expect(host.pids()).toContain(status.proxies[0]!.pid);

  const scrape = await daemon.metrics();
  const value = (name: string, labels?: Record<string, string>) =>
    scrape.value(`memcache_ha_${name}`, labels);
  expect(STATES.filter((name) => value('vrrp_state', { instance: 'VI_1', state: name }) === 1)).toEqual([
    state,
  ]);
  expect(value('vip_held', { instance: 'VI_1', address: VIP })).toBe(held ? 1 : 0);
  expect(value('vrrp_priority', { instance: 'VI_1' })).toBe(priority);
  expect(value('memcached_up', { name: 'local' })).toBe(memcachedUp ? 1 : 0);
  expect(scrape.value('memcached_up', { name: 'local' })).toBe(memcachedUp ? 1 : 0);
  if (proxyUp !== null) expect(value('proxy_up', { name: 'front' })).toBe(proxyUp ? 1 : 0);
  for (const { from, to, reason } of instance.transitions) {
    const counted = instance.transitions.filter(
      (one) => one.from === from && one.to === to && one.reason === reason,
    );
    expect(value('vrrp_transitions_total', { instance: 'VI_1', from, to, reason })).toBe(counted.length);
  }
  expect(value('vrrp_transitions_total')).toBe(instance.transitions.length);
  expect(value('vrrp_advertisements_discarded_total')).toBe(0);

  const healthy = state !== 'FAULT';
  const health = await daemon.get('/healthz');
  expect(health.status).toBe(healthy ? 200 : 503);
  expect(JSON.parse(health.body)).toEqual({ healthy, instances: { VI_1: state } });
  expect(JSON.parse((await daemon.get('/status')).body)).toMatchObject({ instances: [{ state }] });
  return {
    status,
    scrape,
    transitions: instance.transitions.map(({ from, to, reason }) => `${from} ${to} ${reason}`),
  };
}
