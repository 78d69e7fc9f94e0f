/** Checks of vrrp_sync_group: who its members are, and that they can be of one state. */
import type { Findings } from '../findings.ts';
import type { Draft } from '../schema.ts';
import { didYouMean } from '../suggest.ts';

/** Reports members that do not exist or are in two groups, groups of one, and owners beside others. */
export function checkSyncGroups(draft: Draft, findings: Findings): void {
  const instances = draft.vrrp_instance ?? {};
  const memberOf = new Map<string, string>();
  for (const [group, entry] of Object.entries(draft.vrrp_sync_group ?? {})) {
    if (entry?.group === undefined) continue;
    const path = ['vrrp_sync_group', group, 'group'];
    entry.group.forEach((member, index) => {
      if (member === undefined) return;
      const is = `is ${JSON.stringify(member)}, which`;
      const other = memberOf.get(member);
      if (!Object.hasOwn(instances, member)) {
        const hint = didYouMean(member, Object.keys(instances));
        findings.error([...path, index], `${is} vrrp_instance does not define${hint}`);
      } else if (other === group) findings.error([...path, index], `${is} is in the list already`);
      else if (other !== undefined) {
        findings.error(
          [...path, index],
          `${is} is in vrrp_sync_group ${other} already, an instance has one group`,
        );
      } else memberOf.set(member, group);
    });
    if (entry.group.length === 1) {
      findings.warning(path, 'has one member only, so there is nothing to keep together');
    }
    const owners = entry.group.map((member) => instances[member ?? '']?.priority === 255);
    if (owners.includes(true) && owners.includes(false)) {
      findings.warning(
        path,
        'has members with priority 255 and others without, which cannot be of one state',
      );
    }
  }
}
