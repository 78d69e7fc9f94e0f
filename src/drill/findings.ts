/** From what happened in a drill to its verdict and its report. Pure. */
import type { InstanceStatus } from '../daemon/status.ts';
import type { CourseResult } from './course.ts';
import type { Expectation, FaultName } from './faults.ts';
import { HERE, type HostLabel } from './hosts.ts';
import type { Moment } from './moment.ts';
import { gapMoments, type Outage, outageOf, THRESHOLD } from './outage.ts';
import type { PreparedDrill } from './prepare.ts';
import { composeReport, type DrillReport } from './report/report.ts';
import { inOrder } from './timeline.ts';
import { judge } from './verdict.ts';
import { milliseconds } from './words.ts';

/** Clocks and logs are right to a millisecond. */
const UNSURE = 2;

/** @param interrupted the signal that ended it early */
export function concludeDrill(
  drill: PreparedDrill,
  course: CourseResult,
  interrupted: NodeJS.Signals | null,
  version: string,
): { report: DrillReport; moments: readonly Moment[] } {
  const { options, expectation, instance, role, victim, hosts, target } = drill;
  const { fault, maxOutage } = options;
  const { struckAt, undoneAt, observation, summary, gaps } = course;
  const outage = outageOf(gaps, course);
  const transitions = observation.transitions().filter(({ t }) => t >= struckAt - UNSURE && t <= undoneAt);
  const takeover = transitions.find(({ label, state }) => label !== HERE && state === 'MASTER');
  const measure = measureOf({
    ...{ fault, expectation, role, outage },
    takeover:
      takeover === undefined
        ? null
        : { after: Math.max(0, takeover.t - struckAt), error: observation.clockError(takeover.label) },
  });
  const verdict = judge({
    ...{ fault, expectation, interrupted, maxOutage },
    ...{ effectLacking: course.effectLacking, errors: course.errors },
    ...{ undoFailures: course.undoFailures, troubles: course.troubles, changes: transitions },
    outage: summary === null ? null : measure.outage,
  });
  const moments = inOrder([...course.moments, ...observation.moments(), ...gapMoments(gaps, outage, course)]);
  const report = composeReport({
    head: {
      ...{ version, fault, role, expectation, target, hosts },
      ...{ instance: instance.name, act: victim.words },
      ...verdict,
      at: new Date(struckAt + course.wallClock).toISOString(),
      virtual_addresses: instance.virtual_addresses.map(
        ({ address }: InstanceStatus['virtual_addresses'][number]) => address,
      ),
      client:
        summary === null
          ? null
          : {
              requests: summary.requests,
              answers: summary.answers,
              misses: summary.tolerated,
              failures: summary.failures + summary.wrong,
              p50_ms: summary.p50,
              p99_ms: summary.p99,
            },
    },
    zero: struckAt,
    from: course.watchedFrom,
    to: course.endedAt,
    ...{ undoneAt, outage, maxOutage, gaps, moments },
    judged: summary === null ? null : measure.outage,
    threshold: THRESHOLD,
    measured: measure.words,
    changes: new Map<HostLabel, ReturnType<typeof observation.changes>>(
      hosts.map(({ label }) => [label, observation.changes(label)]),
    ),
  });
  return { report, moments };
}

interface Measured {
  readonly fault: FaultName;
  readonly expectation: Expectation;
  readonly role: PreparedDrill['role'];
  readonly outage: Outage;
  /** By the other host's own record, ms after the fault; `error` in ms, null: its clock could not be compared. */
  readonly takeover: { readonly after: number; readonly error: number | null } | null;
}

/** What counts as the outage, and how it was come by. */
export function measureOf({ fault, role, outage, takeover }: Measured): {
  outage: number | null;
  words: string;
} {
  if (fault === 'cut-link') {
    if (role === 'BACKUP') {
      return {
        outage: outage.back,
        words:
          'with its link down this host sees nothing: what counts is that the other host stayed MASTER, and what a client here felt after the link was up again',
      };
    }
    if (takeover === null)
      return {
        outage: null,
        words: 'with its link down this host sees nothing, and no other host told of it',
      };
    const sure =
      takeover.error === null ? 'clocks not compared' : `clocks compared to ${milliseconds(takeover.error)}`;
    return {
      outage: Math.max(takeover.after, outage.back),
      words: `with its link down this host sees nothing: from the fault until the other host became MASTER by its own record (${sure})`,
    };
  }
  return {
    outage: Math.max(outage.fault, outage.back),
    words:
      role === 'MASTER'
        ? 'by a client on this host, one request per millisecond: within the host until the virtual address has left it, then over the network; clients elsewhere follow the ARP of the new holder instead'
        : 'by a client on this host, one request per millisecond over the network',
  };
}
