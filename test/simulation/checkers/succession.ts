/** A MASTER that is killed and started again before anybody can have missed it goes on as MASTER, at once. */
import type { Millis } from '../../../src/core/vrrp/parameters.ts';
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import type { Checker, View } from './checker.ts';

/** Time for the start; ms. */
const GRACE = 5;

export function succession(view: View): Checker {
  if (!view.scenario.calm) return {};
  const spokeAt = new Map<Host, Millis>();
  const diedAsMaster = new Map<Host, Millis>();
  /** Has to be MASTER, and was not yet. */
  const expected = new Set<Host>();

  return {
    sent: (host, priority) => void (priority > 0 && spokeAt.set(host, view.now)),
    observed(host, { before, after }) {
      if (after.name === 'MASTER') expected.delete(host);
      if (before.name === 'MASTER' && after.name !== 'MASTER') spokeAt.delete(host);
    },
    disturbed(host, what) {
      expected.delete(host);
      if (what === 'is killed' && spokeAt.has(host)) diedAsMaster.set(host, spokeAt.get(host)!);
      if (what !== 'starts') return;
      const spoke = diedAsMaster.get(host);
      diedAsMaster.delete(host);
      spokeAt.delete(host);
      // What is written down may be one advertisement behind.
      const inTime = spoke !== undefined && view.now - spoke < 2 * host.params.advertisementInterval;
      if (!inTime || !host.vip.held || !host.linkUp) return;
      expected.add(host);
      view.at(view.now + GRACE, () => {
        if (!expected.has(host)) return;
        throw new Violation('succession', `${host.name} did not go on as MASTER when it was started again`);
      });
    },
  };
}
