/**
 * In a network that loses nothing, nobody becomes MASTER beside a healthy one that it can hear, but by preemption:
 * with nopreempt never, else only with a higher priority.
 */
import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import { type Checker, speaks, type View } from './checker.ts';

export function usurpation(view: View): Checker {
  if (!view.scenario.calm) return {};
  const { preempt, advertisementInterval } = view.scenario.params[0]!;
  /** Each host has heard the other twice in this time. */
  const acquainted = 2 * advertisementInterval + 20;
  const quietSince = new Map<Host, number>();
  const speaksSince = new Map<Host, number>();

  return {
    disturbed(host) {
      quietSince.set(host, view.now);
      speaksSince.delete(host);
    },
    observed(host, { before, after }) {
      if (after.name !== 'MASTER' || before.name === 'MASTER') return;
      const known = view.now - acquainted;
      if ((quietSince.get(host) ?? view.origin) > known) return;
      for (const [other, since] of speaksSince) {
        if (other === host || since > known) continue;
        const ours = host.daemon!.instance.readiness.priority;
        const theirs = other.daemon!.instance.readiness.priority;
        if (!preempt)
          throw new Violation('usurpation', `${host.name} took over from ${other.name}, with nopreempt`);
        if (ours <= theirs) {
          throw new Violation(
            'usurpation',
            `${host.name} (${ours}) took over from ${other.name} (${theirs})`,
          );
        }
      }
    },
    changed() {
      for (const host of view.hosts) {
        if (!speaks(host)) speaksSince.delete(host);
        else if (!speaksSince.has(host)) speaksSince.set(host, view.now);
      }
    },
  };
}
