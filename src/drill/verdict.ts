/** Whether a drill went well. Pure. */
import type { Expectation, FaultName } from './faults.ts';
import { HERE, type HostLabel } from './hosts.ts';
import { milliseconds } from './words.ts';

/** What is known when all is over. */
export interface Findings {
  readonly fault: FaultName;
  readonly expectation: Expectation;
  /** The effect did not come within the timeout: what lacked. */
  readonly effectLacking: string | null;
  /** Somebody's Ctrl-C, or a signal. */
  readonly interrupted: NodeJS.Signals | null;
  /** Something broke that is not the pair's: the client, the fault itself. */
  readonly errors: readonly string[];
  readonly undoFailures: readonly string[];
  /** What was not well at the end. */
  readonly troubles: readonly string[];
  /** States that hosts went into from the fault until it was undone. */
  readonly changes: readonly { readonly label: HostLabel; readonly state: string }[];
  /** The longest outage that clients felt, in ms; null: it could not be measured. */
  readonly outage: number | null;
  readonly maxOutage: number | null;
}

export type Outcome = 'good' | 'failed' | 'interrupted';

export interface Verdict {
  readonly outcome: Outcome;
  /** Why it is not good; empty when it is. */
  readonly reasons: readonly string[];
}

export function judge(findings: Findings): Verdict {
  const { interrupted, undoFailures, troubles, errors } = findings;
  const aftermath = [
    ...undoFailures.map((failure) => `could not be undone: ${failure}`),
    ...troubles.map((trouble) => `not well again: ${trouble}`),
  ];
  if (interrupted !== null && aftermath.length === 0)
    return { outcome: 'interrupted', reasons: [`${interrupted}; everything was undone`] };
  const reasons = [
    ...(interrupted === null ? [] : [`${interrupted} before it was over`]),
    ...errors,
    ...(interrupted === null ? ofTheFault(findings) : []),
    ...aftermath,
  ];
  return { outcome: reasons.length === 0 ? 'good' : 'failed', reasons };
}

function ofTheFault({ fault, expectation, effectLacking, changes, outage, maxOutage }: Findings): string[] {
  const reasons: string[] = [];
  if (effectLacking !== null) reasons.push(effectLacking);
  const others = changes.filter(({ label }) => label !== HERE);
  if (expectation === 'unfelt') {
    for (const { label, state } of others)
      if (state !== 'silent') reasons.push(`${label} became ${state}, although only a BACKUP had failed`);
  }
  const elected = expectation === 'in-place' ? changes.filter(({ state }) => state !== 'silent') : [];
  for (const { label, state } of elected)
    reasons.push(`${label} became ${state}, although the proxy should have been back without an election`);
  if (fault === 'cut-link' && expectation === 'failover' && !others.some(({ state }) => state === 'MASTER'))
    reasons.push('the other host was not seen to take over');
  if (maxOutage !== null && outage === null)
    reasons.push('the outage could not be measured, so it is not known to be within --max-outage');
  if (maxOutage !== null && outage !== null && outage > maxOutage)
    reasons.push(
      `clients were ${milliseconds(outage)} without an answer, more than ${milliseconds(maxOutage)}`,
    );
  return reasons;
}
