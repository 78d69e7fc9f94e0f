/** Whether a host, and the pair, is well enough for a drill, and after it. Pure: says what is wrong, in words. */
import type { InstanceStatus, Status } from '../daemon/status.ts';
import { counterpart, HERE, type HostLabel, instanceNamed, type Sight } from './hosts.ts';

/** A claim to the virtual address by somebody else that is not older counts, in ms. */
const FRESH_CONFLICT = 10_000;

/** What is not well on one host, as far as it concerns this instance; empty: all is well. */
export function troubles(status: Status, instance: InstanceStatus): string[] {
  const { state, faults, cold } = instance;
  const list: string[] = [];
  if (status.drained) list.push('it is drained (memcache-ha resume brings it back)');
  const reasons = [...faults, ...cold].map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);
  if (state !== 'MASTER' && state !== 'BACKUP') {
    list.push(`${instance.name} is ${state}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`);
  } else if (reasons.length > 0) list.push(`${instance.name}: ${reasons.join('; ')}`);
  if (instance.handing_over) list.push(`${instance.name} is handing over`);
  if (state === 'BACKUP' && instance.master === null)
    list.push(`${instance.name} is BACKUP and hears no master`);
  for (const { name, status: is, detail, copy } of status.memcached) {
    if (is !== 'up') list.push(`memcached ${name} is ${is}: ${detail}`);
    else if (copy !== null && copy !== 'whole') list.push(`the copy of memcached ${name} is ${copy}`);
  }
  for (const proxy of status.proxies) list.push(...proxyTroubles(proxy, instance));
  for (const { address, held, conflict } of instance.virtual_addresses) {
    if (state === 'MASTER' && !held) list.push(`${address} is not here although it is MASTER`);
    if (conflict !== null && Date.parse(status.time) - Date.parse(conflict.at) < FRESH_CONFLICT)
      list.push(`${address} is claimed by ${conflict.mac} as well`);
  }
  return list;
}

function proxyTroubles(
  { name, up, detail, copies, refill }: Status['proxies'][number],
  { proxy, state }: InstanceStatus,
): string[] {
  if (proxy === name && state === 'MASTER' && !up) return [`proxy ${name} does not listen: ${detail}`];
  const lacking = copies
    .filter((copy) => !copy.up || !copy.whole)
    .map((copy) => `copy ${copy.name} is ${copy.up ? 'not whole' : 'out'}`);
  if (refill !== null) lacking.push(`refilling ${refill.target}, ${refill.done} of ${refill.total} items`);
  return lacking.map((what) => `proxy ${name}: ${what}`);
}

/**
 * What keeps the pair from being well: one MASTER, everybody else BACKUP and ready to take over. `name` is the instance
 * on this host. A peer that cannot be seen is a trouble too; without any peers in `sights` only this host is looked at.
 */
export function pairTroubles(sights: readonly Sight[], name: string): string[] {
  const here = sights.find(({ label }) => label === HERE);
  const own = instanceNamed(here?.status ?? null, name);
  if (here === undefined || here.status === null || own === null)
    return [`${HERE}: ${here?.detail || `there is no instance ${name}`}`];
  const peers = sights.filter(({ label }) => label !== HERE);
  const list = troubles(here.status, own).map((trouble) => `${HERE}: ${trouble}`);
  const masters: HostLabel[] = own.state === 'MASTER' ? [HERE] : [];
  for (const { label, status, detail } of peers) {
    const other = counterpart(own, status);
    if (status === null) list.push(`${label}: ${detail}`);
    else if (other === null)
      list.push(`${label}: it has no instance with VRID ${own.virtual_router_id} and the same address`);
    else {
      list.push(...troubles(status, other).map((trouble) => `${label}: ${trouble}`));
      if (other.state === 'MASTER') masters.push(label);
    }
  }
  if (masters.length > 1) list.push(`${masters.join(' and ')} are MASTER at the same time`);
  if (masters.length === 0 && peers.length > 0 && list.length === 0) list.push('nobody is MASTER');
  return list;
}
