/** Checks of interface_up_down_delays against the instances that use the interfaces. */
import type { Findings } from '../findings.ts';
import { inheritedFrom } from '../inherited.ts';
import { delaysOf } from '../interface-delays.ts';
import type { Draft, DraftInstance } from '../schema.ts';
import { groupsByMember } from '../track-lists.ts';
import { trackedEntry } from '../tracked.ts';

/** Reports delays of interfaces that nobody uses, and down delays that a peer does not wait for. */
export function checkInterfaceDelays(draft: Draft, findings: Findings): void {
  const groups = groupsByMember(draft);
  for (const [device, entry] of Object.entries(draft.interface_up_down_delays ?? {})) {
    const path = ['interface_up_down_delays', device];
    const users = Object.entries(draft.vrrp_instance ?? {}).flatMap(([name, instance]) => {
      const group = draft.vrrp_sync_group?.[groups.get(name) ?? ''];
      const lists = [...(instance?.track_interface ?? []), ...(group?.track_interface ?? [])];
      const tracks = lists.some((tracked) => trackedEntry(tracked)?.name === device);
      return instance !== undefined && (tracks || instance.interface === device) ? [{ name, instance }] : [];
    });
    if (users.length === 0) findings.warning(path, 'is used by no vrrp_instance', 'key');
    const down = delaysOf(entry)?.down ?? 0;
    const [hasty] = users
      .map(({ name, instance }) => ({ name, limit: patience(instance, draft) }))
      .toSorted((a, b) => a.limit - b.limit);
    if (hasty === undefined || down === 0 || down < hasty.limit) continue;
    findings.warning(
      path,
      `the down delay is ${down}, should be less than ${hasty.limit} seconds, (down_timer_adverts - 1) x advert_int of ${hasty.name}: a peer takes over while this host still waits`,
    );
  }
}

/** Seconds that a link may be down before a peer of the instance misses one advertisement too many. */
function patience(instance: DraftInstance, draft: Draft): number {
  const adverts = instance.down_timer_adverts ?? inheritedFrom(draft.global_defs).down_timer_adverts;
  return Math.round((adverts - 1) * (instance.advert_int ?? 1) * 1000) / 1000;
}
