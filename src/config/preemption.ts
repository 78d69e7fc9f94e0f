/** Whether an instance preempts, which several keys decide together as they do in keepalived. */

/** What decides it; any may be missing. */
export interface PreemptionFields {
  readonly state?: 'MASTER' | 'BACKUP' | undefined;
  readonly priority?: number | undefined;
  readonly nopreempt?: boolean | undefined;
  readonly preempt?: boolean | undefined;
}

/** keepalived: nopreempt does not go with `preempt`, nor with state MASTER, nor with an address owner. */
export function preempts({ state, priority, nopreempt, preempt }: PreemptionFields): boolean {
  return nopreempt !== true || preempt === true || state === 'MASTER' || priority === 255;
}
