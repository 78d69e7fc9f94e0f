/** Checks of two or more values within one vrrp_track_process, and within global_defs. */
import type { Findings } from '../findings.ts';
import type { Draft } from '../schema.ts';

/** Reports quorums that cannot be met, and delays that say one thing twice. */
export function checkProcesses(draft: Draft, findings: Findings): void {
  for (const section of ['vrrp_track_process', 'track_process'] as const) {
    for (const [name, process] of Object.entries(draft[section] ?? {})) {
      if (process === undefined) continue;
      const { quorum = 1, quorum_max: most } = process;
      // keepalived: quorum_max 0 means that none may run, whatever the default of quorum.
      if (most !== undefined && quorum > most && !(most === 0 && quorum === 1)) {
        findings.error([section, name, 'quorum_max'], `is ${most}, less than the quorum of ${quorum}`);
      }
      if (
        process.delay !== undefined &&
        process.fork_delay !== undefined &&
        process.terminate_delay !== undefined
      ) {
        findings.warning(
          [section, name, 'delay'],
          'has no effect beside fork_delay and terminate_delay',
          'key',
        );
      }
    }
  }
}

/** Seconds; ordinary processes of a busy host are served up to 6 ms late, which is little only beside so much. */
const SHORTEST_WITHOUT_REAL_TIME = 0.1;

/** Warns of advertisements that a busy host would send too late. */
export function checkPace(draft: Draft, findings: Findings): void {
  if ((draft.global_defs?.vrrp_rt_priority ?? 0) > 0) return;
  for (const [name, instance] of Object.entries(draft.vrrp_instance ?? {})) {
    const interval = instance?.advert_int;
    if (interval === undefined || interval >= SHORTEST_WITHOUT_REAL_TIME) continue;
    findings.warning(
      ['vrrp_instance', name, 'advert_int'],
      `is ${interval}, which a busy host keeps only with global_defs.vrrp_rt_priority (1 is enough)`,
    );
  }
}

/** Reports keys of global_defs that are given under both of their names. */
export function checkGlobalDefs(draft: Draft, findings: Findings): void {
  const defs = draft.global_defs;
  if (defs?.vrrp_notify_fifo !== undefined && defs.notify_fifo !== undefined) {
    findings.error(
      ['global_defs', 'notify_fifo'],
      'is another name of vrrp_notify_fifo, give only one of the two',
      'key',
    );
  }
}
