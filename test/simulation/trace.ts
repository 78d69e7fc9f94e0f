/** The last happenings of a run, kept cheaply and written out only when somebody wants to read them. */
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import type { State } from '../../src/core/vrrp/state.ts';
import type { Observation } from '../../src/daemon/instance.ts';

export interface Trace {
  add(at: Millis, host: string, what: string | Observation): void;
  lines(): string[];
}

/** Keeps the last `limit` happenings; times are written from `origin`. */
export function createTrace(limit: number, origin: Millis): Trace {
  const kept: (readonly [Millis, string, string | Observation])[] = [];
  let next = 0;
  return {
    add(at, host, what) {
      kept[next] = [at, host, what];
      next = (next + 1) % limit;
    },
    lines: () =>
      [...kept.slice(next), ...kept.slice(0, next)].map(([at, host, what]) => {
        const time = (at - origin).toFixed(2).padStart(10);
        return `${time} ${host}  ${typeof what === 'string' ? what : describe(what, origin)}`;
      }),
  };
}

function describe({ event, before, after, reason, readiness }: Observation, origin: Millis): string {
  const heard =
    event.type === 'advertisement'
      ? ` ${event.advertisement.source} prio ${event.advertisement.priority}`
      : event.type === 'readiness'
        ? ` prio ${readiness.priority}${readiness.candidate ? '' : ' drained'}${readiness.cold.length === 0 ? '' : ' cold'} [${readiness.faults.map(({ kind }) => kind)}]`
        : '';
  const change = before.name === after.name ? after.name : `${before.name} -> ${after.name} (${reason})`;
  return `${event.type}${heard}: ${change}${deadlines(after, origin)}`;
}

function deadlines(state: State, origin: Millis): string {
  const times = Object.entries({ ...state, ...('handover' in state ? state.handover : {}) }).filter(
    ([name, value]) => typeof value === 'number' && /Timer|deadline/.test(name) && value !== Infinity,
  );
  return times.map(([name, value]) => ` ${name}=${(Number(value) - origin).toFixed(1)}`).join('');
}
