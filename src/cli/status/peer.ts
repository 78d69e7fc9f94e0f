/** What a peer tells of itself, as lines of `status`. */
import type { PeerStatus } from '../../daemon/status.ts';
import { describeCaches } from './caches.ts';
import { ago } from './durations.ts';
import { priorityOf } from './instance.ts';
import type { Paint } from './paint.ts';

/** `now` in ms since the epoch. */
export function describePeer({ address, detail, status }: PeerStatus, now: number, paint: Paint): string[] {
  if (status === null) return [`peer ${address}  ${paint.warning('does not answer')}: ${detail}`];
  const { router_id, version, started, drained } = status;
  const instances = status.instances.map((instance) => {
    const { name, state, since, handing_over, transitions, virtual_addresses } = instance;
    const [latest] = transitions;
    const held = virtual_addresses.filter((one) => one.held).map((one) => one.address);
    return [
      `  ${paint.strong(name)}  ${paint.state(state)} for ${ago(since, now)}${handing_over ? ', handing over' : ''}`,
      latest === undefined ? '' : `: ${latest.reason}`,
      `, priority ${priorityOf(instance)}, holds ${held.length === 0 ? 'no address' : held.join(' ')}`,
    ].join('');
  });
  return [
    `peer ${paint.strong(router_id)}  ${address}  version ${version}, up ${ago(started, now)}${drained ? ', drained' : ''}`,
    ...instances,
    ...describeCaches(status, paint).map((line) => `  ${line}`),
  ];
}
