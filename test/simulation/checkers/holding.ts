/** A daemon that runs holds the address if and only if it is MASTER or hands over, and then never lets it expire. */
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { EXPIRY_LATENESS } from '../virtual-address.ts';
import { type Checker, entitled, type View } from './checker.ts';

/** Time for the acts of a takeover or a release, and for the news that somebody took the address away; ms. */
const GRACE = 40;

export function holding(view: View): Checker {
  const wrongSince = new Map<Host, number>();
  /** After a failed act it is for the next renewal, or for the lease, to put things right. */
  const excused = new Set<Host>();

  const failedAt = new Map<Host, number>();
  /** Since when it runs without a break. */
  const runs = new Map<Host, number>();

  return {
    addressChanged(host, what) {
      const wakes = view.now - (runs.get(host) ?? view.now) < GRACE;
      const failed = view.now - (failedAt.get(host) ?? Number.NEGATIVE_INFINITY);
      const unrenewed = failed < (host.params.vipLease ?? 0) + EXPIRY_LATENESS;
      if (what !== 'expired' || wakes || unrenewed || !entitled(host)) return;
      throw new Violation('holding', `${host.name} let the address expire`);
    },
    failed(host) {
      excused.add(host);
      failedAt.set(host, view.now);
    },
    disturbed(host, what) {
      wrongSince.delete(host);
      if (what === 'starts' || what === 'goes on') runs.set(host, view.now);
      if (what === 'starts') excused.delete(host);
    },
    changed() {
      for (const host of view.hosts) {
        if (host.power !== 'running' || host.vip.held === entitled(host)) {
          wrongSince.delete(host);
          if (host.power === 'running' && host.daemon?.acts.idle === true) excused.delete(host);
          continue;
        }
        const since = wrongSince.get(host) ?? view.now;
        wrongSince.set(host, since);
        if (view.now - since > GRACE && !excused.has(host)) {
          const state = host.daemon?.instance.state.name;
          throw new Violation(
            'holding',
            `${host.name} in ${state} ${host.vip.held ? 'holds' : 'lacks'} the address for ${view.now - since} ms`,
          );
        }
      }
    },
  };
}
