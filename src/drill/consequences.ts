/** What else a fault does, for who has to agree to it. Pure words. */
import type { InstanceStatus, Status } from '../daemon/status.ts';
import type { FaultName } from './faults.ts';

/** What a person may want to know before it is done. */
export function consequences(fault: FaultName, status: Status, instance: InstanceStatus): string[] {
  const list: string[] = [];
  const proxied = status.proxies.some(({ name }) => name === instance.proxy);
  if (fault === 'kill-memcached') {
    list.push(
      proxied
        ? "what this memcached holds is lost here, and refilled from the other host's if the proxy is the bundled one"
        : 'what this memcached holds is lost here, unless it replicates by itself',
    );
  }
  if (fault === 'hang-memcached' && proxied)
    list.push('this memcached misses what is written meanwhile: the bundled proxy empties and refills it');
  if (fault === 'cut-link')
    list.push(`whatever else this host does through ${instance.interface} is cut off too, for a few seconds`);
  const others = status.instances.filter(
    ({ name, interface: at }) =>
      name !== instance.name && (fault !== 'cut-link' || at === instance.interface),
  );
  if (fault !== 'kill-proxy' && others.length > 0)
    list.push(`other instances on this host may be felt too: ${others.map(({ name }) => name).join(', ')}`);
  return list;
}
