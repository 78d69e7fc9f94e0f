/** No instance takes more events in a virtual second than the advertisements of all explain. */
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import type { Checker, View } from './checker.ts';

const WINDOW = 1000;

export function storm(view: View): Checker {
  const { hosts, scenario } = view;
  const perWindow = WINDOW / scenario.params[0]!.advertisementInterval;
  // Each other host's advertisements, doubled by the network, answers to them, our own timers; and single events.
  const limit = 100 + 10 * scenario.params.length * perWindow;
  const counts = new Map<Host, number>();
  let windowEnds = 0;

  return {
    // Whatever had queued up comes at once.
    disturbed: (host, what) => what === 'goes on' && void counts.set(host, Number.NEGATIVE_INFINITY),
    observed(host) {
      if (view.now >= windowEnds) {
        windowEnds = view.now + WINDOW;
        for (const each of hosts) counts.set(each, 0);
      }
      const count = (counts.get(host) ?? 0) + 1;
      counts.set(host, count);
      if (count > limit) throw new Violation('storm', `${host.name} took over ${limit} events in a second`);
    },
  };
}
