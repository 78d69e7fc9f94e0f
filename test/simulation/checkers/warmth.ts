/**
 * A MASTER that learns that its copy is cold resigns at once. In a network that loses nothing, one that took over while
 * cold is not MASTER for longer than the other needs to preempt it, when that one stands by and knows its copy to be
 * whole; and both take themselves for cold only until both have asked again.
 */
import { masterDownInterval } from '../../../src/core/vrrp/timers.ts';
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { type Checker, standsBy, type View } from './checker.ts';

/** Network delays, and how late timers and news are; ms. */
const SLACK = 40;

export function warmth(view: View): Checker {
  const { scenario, hosts } = view;
  const { warm } = scenario;
  if (warm === null) return {};
  let [inOrder, agreed] = [view.origin, view.origin];

  return {
    disturbed(_, what) {
      if (/cold/.test(what)) return;
      inOrder = view.now;
      agreed = view.now;
    },
    changed() {
      for (const host of hosts) {
        if (isColdMaster(host) === 'by surprise') {
          throw new Violation('warmth', `${host.name} is cold and did not hand over`);
        }
      }
      if (!scenario.calm) return;
      const master = hosts.find((host) => isColdMaster(host) === 'knowingly');
      const other = hosts.find((host) => host !== master);
      if (master === undefined || other === undefined || !preempts(other, master)) inOrder = view.now;
      else if (view.now - inOrder > preemption(other)) {
        throw new Violation(
          'warmth',
          `${master.name} is cold and MASTER, ${other.name} is whole and stands by`,
        );
      }
      if (!hosts.every((host) => host.power === 'running' && host.daemon?.isCold === true)) agreed = view.now;
      // What the proxy did after the change may have been asked for once in vain.
      if (view.now - agreed > 2 * (warm.interval + warm.timeout) + SLACK) {
        throw new Violation('warmth', 'both hosts take themselves for cold');
      }
    },
  };
}

function isColdMaster({ power, daemon }: Host): 'by surprise' | 'knowingly' | null {
  const state = daemon?.instance.state;
  if (power !== 'running' || state?.name !== 'MASTER' || daemon?.isCold !== true) return null;
  return state.servesCold ? 'knowingly' : 'by surprise';
}

function preempts(other: Host, master: Host): boolean {
  if (!standsBy(other) || other.daemon!.isCold || !master.linkUp || !other.params.preempt) return false;
  return master.params.priority !== 255 && other.daemon!.instance.readiness.priority > 1;
}

/** Until it discards the first advertisement, its timer, and preempt_delay. */
function preemption({ params, lowestPriority }: Host): number {
  const interval = params.advertisementInterval;
  return interval + masterDownInterval(params, lowestPriority, interval) + params.preemptDelay + SLACK;
}
