/** Checks of weights that can do nothing where they stand. */
import type { Findings } from '../findings.ts';
import type { Path } from '../place.ts';
import { preempts } from '../preemption.ts';
import type { Draft, DraftGroup, DraftInstance } from '../schema.ts';
import {
  groupsByMember,
  resolveTracked,
  TRACK_LIST_NAMES,
  type TrackList,
  withoutWeight,
} from '../track-lists.ts';
import { trackedEntry } from '../tracked.ts';

/**
 * A priority that drops on a nopreempt pair: the MASTER goes on with it, and the BACKUP, which would have to preempt,
 * resets its timer with every advertisement it hears (RFC 3768 §6.4.2, Preempt_Mode false).
 */
const NOPREEMPT =
  'never moves the virtual address on a nopreempt pair: the BACKUP ignores advertisements of a lower priority; only a fault does, so leave the weight out (weight 0)';

/** Reports weights in members of a sync group, in address owners and with nopreempt. */
export function checkWeights(draft: Draft, findings: Findings): void {
  const groups = groupsByMember(draft);
  for (const [name, instance] of Object.entries(draft.vrrp_instance ?? {})) {
    if (instance === undefined) continue;
    eachWeight(instance, ['vrrp_instance', name], draft, (list, weight, at) => {
      const message = doubt(list, weight, instance, groups.get(name));
      if (message !== null) findings.warning(at, `has weight ${weight}, ${message}`);
    });
  }
  for (const [name, group] of Object.entries(draft.vrrp_sync_group ?? {})) {
    const members = (group?.group ?? []).map((member) => draft.vrrp_instance?.[member ?? '']);
    if (group === undefined || !members.some((member) => member !== undefined && !preempts(member))) continue;
    eachWeight(group, ['vrrp_sync_group', name], draft, (list, weight, at) => {
      if (list !== 'track_file') findings.warning(at, `has weight ${weight}, which ${NOPREEMPT}`);
    });
  }
}

function doubt(
  list: TrackList,
  weight: number,
  instance: DraftInstance,
  group: string | undefined,
): string | null {
  const tracked = { name: '', weight, reverse: false };
  if (group !== undefined) {
    return withoutWeight(list, tracked, 'sync_group') === null
      ? `so it is not tracked in a member of vrrp_sync_group ${group}${list === 'track_process' ? '' : ', as in keepalived'}; give it weight 0 here, or track it in the group`
      : `which is ignored in a member of vrrp_sync_group ${group}: ${list === 'track_file' ? 'any number but 0' : 'its loss'} is a fault`;
  }
  if (instance.priority === 255) {
    const kept = withoutWeight(list, tracked, 'owner');
    if (kept === null) return 'so it is not tracked with priority 255, as in keepalived';
    return kept.weight === 0
      ? 'which is ignored with priority 255, as in keepalived: any number but 0 is a fault'
      : 'which has no effect with priority 255, as in keepalived';
  }
  // A file's number can be so large that it is a fault in spite of the weight.
  return preempts(instance) || list === 'track_file' ? null : `which ${NOPREEMPT}`;
}

function eachWeight(
  lists: DraftInstance | DraftGroup,
  path: Path,
  draft: Draft,
  found: (list: TrackList, weight: number, at: Path) => void,
): void {
  for (const list of TRACK_LIST_NAMES) {
    lists[list]?.forEach((file, index) => {
      const entry = trackedEntry(file);
      if (entry === undefined) return;
      const { weight } = resolveTracked(list, entry, draft);
      if (weight !== 0) found(list, weight, [...path, list, index]);
    });
  }
}
