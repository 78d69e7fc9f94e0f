/**
 * In a network that loses nothing, a host that stands by is MASTER within its Master_Down_Interval after the last one
 * was heard, and within its Skew_Time after one resigned.
 */
import { masterDownInterval, resignationSkew } from '../../../src/core/vrrp/timers.ts';
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { type Checker, speaks, standsBy, type View } from './checker.ts';

/** Network delay and how late timers are, ms. */
const SLACK = 15;

export function takeover(view: View): Checker {
  if (!view.scenario.calm) return {};
  const ready = new Map<Host, number>();
  let led = view.origin;

  const look = (): void => {
    view.at(view.now + view.scenario.params[0]!.advertisementInterval / 4, look);
  };
  look();

  return {
    disturbed: (host) => void ready.delete(host),
    observed(host, { before, after }) {
      const resigns = before.name === 'MASTER' && 'handover' in after && after.handover !== null;
      if (!resigns || !host.linkUp) return;
      const at = view.now;
      for (const other of view.hosts) {
        if (other === host || !ready.has(other)) continue;
        const { params, lowestPriority } = other;
        const skew = resignationSkew(params, lowestPriority, params.advertisementInterval);
        view.at(at + skew + SLACK, () => {
          if (led > at || (ready.get(other) ?? Number.POSITIVE_INFINITY) >= at || view.hosts.some(speaks))
            return;
          throw new Violation('takeover', `${other.name} did not take over when ${host.name} had resigned`);
        });
      }
    },
    changed() {
      const { now } = view;
      if (view.hosts.some(speaks)) led = now;
      for (const host of view.hosts) {
        if (!standsBy(host)) {
          ready.delete(host);
          continue;
        }
        const since = ready.get(host) ?? now;
        ready.set(host, since);
        const { params, lowestPriority } = host;
        const bound = masterDownInterval(params, lowestPriority, params.advertisementInterval) + SLACK;
        if (now - Math.max(since, led) > bound) {
          throw new Violation(
            'takeover',
            `${host.name} stands by, and there is no MASTER for ${now - led} ms`,
          );
        }
      }
    },
  };
}
