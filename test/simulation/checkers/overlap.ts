/**
 * Two holders at once, in a network that loses nothing: for a handover's network delay and its acts; with advertisements
 * of a second or more, a MASTER that was killed or stopped has lost the address before anybody misses it.
 */
import { SETTLE } from '../../../src/core/vrrp/timers.ts';
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import type { Checker, View } from './checker.ts';

/** Network delay, acts of both hosts, how late timers are, and the moment for what is under way; ms. */
const HANDOVER = 20 + SETTLE;
/** The shortest interval at which a lease can be over before a Master_Down_Interval: leases are whole seconds. */
const LEASE_PROTECTS = 1000;

export function overlap(view: View): Checker {
  if (!view.scenario.calm) return {};
  /** Since when it runs without a break. */
  const runs = new Map<Host, number>();
  const masters = new Set<Host>();
  const stoppedAsMaster = new Map<Host, number>();
  /** When it took over from a master that it had accepted and heard no more. */
  const missed = new Map<Host, number>();

  return {
    disturbed(host, what) {
      if (what === 'starts' || what === 'goes on') {
        runs.set(host, view.now);
        if (host.daemon?.instance.state.name === 'MASTER') masters.add(host);
        stoppedAsMaster.delete(host);
      }
      if ((what === 'is stopped' || what === 'is killed') && masters.has(host) && host.linkUp) {
        stoppedAsMaster.set(host, view.now);
        masters.delete(host);
      }
    },
    observed(host, { before, after, reason }) {
      if (after.name === 'MASTER') masters.add(host);
      else masters.delete(host);
      if (after.name === 'MASTER' && before.name !== 'MASTER') {
        if (reason === 'master_down') missed.set(host, view.now);
        else missed.delete(host);
      }
    },
    changed() {
      const holders = view.hosts.filter(({ vip }) => vip.held);
      if (holders.length < 2) return;
      for (const a of holders) {
        for (const b of holders) {
          if (a === b) continue;
          if (a.power === 'running' && b.power === 'running') both(a, b);
          else if (b.power === 'running') left(a, b);
        }
      }
    },
  };

  function both(a: Host, b: Host): void {
    const since = Math.max(a.vip.heldSince, b.vip.heldSince, runs.get(a)!, runs.get(b)!);
    if (view.now - since > HANDOVER) {
      throw new Violation('overlap', `${a.name} and ${b.name} hold the address for ${view.now - since} ms`);
    }
  }

  function left(gone: Host, other: Host): void {
    if (gone.params.advertisementInterval < LEASE_PROTECTS) return;
    const at = stoppedAsMaster.get(gone);
    const took = missed.get(other);
    if (at === undefined || took === undefined || took <= at) return;
    throw new Violation(
      'overlap',
      `${other.name} took over while ${gone.name}, stopped, still holds the address`,
    );
  }
}
