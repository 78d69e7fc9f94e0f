/** Where the drill's client asks, and for which key. Pure. */
import { formatEndpoint, parseEndpoint } from '../config/endpoint.ts';
import type { InstanceStatus, Status } from '../daemon/status.ts';

/** Begins every key of a drill: nobody else's keys begin with it. */
const KEY_PREFIX = 'memcache-ha:drill:';

/** The key of one drill. */
export const drillKey = (random: string): string => `${KEY_PREFIX}${random}`;

/**
 * `ADDRESS:PORT`: the first virtual address, at the port of the instance's proxy, or without one of the memcached that it
 * tracks. Null when there is nothing to ask.
 */
export function clientTarget(status: Status, instance: InstanceStatus): string | null {
  const address = instance.virtual_addresses[0]?.address;
  const proxy = status.proxies.find(({ name }) => name === instance.proxy);
  const memcached = trackedMemcached(status, instance);
  const at = parseEndpoint(proxy?.listen ?? memcached?.address ?? '', null);
  return address === undefined || !at.ok ? null : formatEndpoint({ host: address, port: at.value.port });
}

/** The memcached that the drill is about: the first that the instance tracks. */
export function trackedMemcached(
  { memcached }: Status,
  instance: InstanceStatus,
): Status['memcached'][number] | null {
  return memcached.find(({ name }) => instance.memcached.includes(name)) ?? null;
}
