/**
 * Only a MASTER advertises, the last time when it yields to a higher one. A MASTER that slept past its Master_Down_Interval listens before it speaks, announces
 * or holds: by then somebody else is MASTER.
 */
import type { Millis, VrrpParameters } from '../../../src/core/vrrp/parameters.ts';
import type { State } from '../../../src/core/vrrp/state.ts';
import { masterDownInterval } from '../../../src/core/vrrp/timers.ts';
import type { Instance } from '../../../src/daemon/instance.ts';
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { EXPIRY_LATENESS } from '../virtual-address.ts';
import type { Checker, View } from './checker.ts';

export function speech(view: View): Checker {
  const stopped = new Map<Host, number>();
  /** Spoke in the step that is not observed yet, and is no MASTER any more. */
  const yields = new Set<Host>();
  const mustListen = new Set<Host>();

  const isToListen = (host: Host, what: string): void => {
    if (mustListen.has(host)) throw new Violation('speech', `${host.name} ${what} before it listened`);
  };

  return {
    sent(host, priority) {
      isToListen(host, `sent priority ${priority}`);
      if (priority > 0 && host.daemon?.instance.state.name !== 'MASTER') yields.add(host);
    },
    announced: (host) => isToListen(host, 'announced the address'),
    addressChanged(host, what) {
      if (what === 'put' || what === 'renewed') isToListen(host, `${what} the address`);
    },
    disturbed(host, what) {
      const instance = host.daemon?.instance;
      if (what === 'is stopped') {
        // An act under way when it was stopped is finished when it goes on.
        if (host.daemon?.acts.idle === true) stopped.set(host, view.now);
      } else if (what === 'goes on' && instance !== undefined && stopped.has(host)) {
        const slept = view.now - stopped.get(host)!;
        if (slept > patience(host.params, instance)) mustListen.add(host);
      } else if (what === 'is killed' || what === 'has exited') {
        mustListen.delete(host);
        stopped.delete(host);
      }
      if (what === 'goes on') stopped.delete(host);
    },
    observed(host, { before, after }) {
      if (yields.delete(host) && before.name !== 'MASTER') {
        throw new Violation('speech', `${host.name} advertised in ${before.name}`);
      }
      if (after.name !== 'MASTER' && !handsOver(after)) mustListen.delete(host);
    },
  };
}

const handsOver = (state: State): boolean => 'handover' in state && state.handover !== null;

/** How long it may sleep: until others take over from a MASTER, until the kernel takes the address from a handover. */
function patience(params: VrrpParameters, { state, readiness }: Instance): Millis {
  if (state.name === 'MASTER') {
    return masterDownInterval(params, readiness.priority, params.advertisementInterval);
  }
  if (!handsOver(state) || params.vipLease === null) return Number.POSITIVE_INFINITY;
  return params.vipLease + EXPIRY_LATENESS;
}
