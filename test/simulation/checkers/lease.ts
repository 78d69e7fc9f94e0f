/** Whoever holds the address without a right to it (killed, stopped, a failed removal) has lost it after one lease. */
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { type Checker, entitled, type View } from './checker.ts';

/** The kernel's lateness and the acts under way. */
const GRACE = 400;

export function lease(view: View): Checker {
  const entitledAt = new Map<Host, number>();
  return {
    changed() {
      for (const host of view.hosts) {
        if (entitled(host)) entitledAt.set(host, view.now);
        const { vipLease } = host.params;
        if (!host.vip.held || vipLease === null) continue;
        const over = view.now - (entitledAt.get(host) ?? view.origin);
        if (over > vipLease + GRACE) {
          throw new Violation('lease', `${host.name} holds the address ${over} ms after it had to let go`);
        }
      }
    },
  };
}
