/** One instance of this host as lines of `status`: what it is and since when and why, and how it came to be so. */
import type { InstanceStatus } from '../../daemon/status.ts';
import { ago, duration, times } from './durations.ts';
import type { Paint } from './paint.ts';

/** `now` in ms since the epoch. */
export function describeInstance(instance: InstanceStatus, now: number, paint: Paint): string[] {
  const { master, faults, cold, transitions, other_master: other } = instance;
  const [latest] = transitions;
  const why = latest === undefined ? '' : `: ${because(latest)}`;
  const handing = instance.handing_over ? ', handing over' : '';
  const vmac = instance.vmac === null ? '' : ` (addresses on ${instance.vmac})`;
  const lines = [
    `${paint.strong(instance.name)}  ${paint.state(instance.state)} for ${ago(instance.since, now)}${handing}${why}`,
    `  interface ${instance.interface}${vmac}, VRID ${instance.virtual_router_id}, priority ${priorityOf(instance)}`,
    `  master: ${master === null ? paint.warning('nobody is heard') : `${master.self ? 'this host' : master.address}, priority ${master.priority}`}`,
  ];
  if (other !== null) {
    const when = `${times(other.count)}, last ${ago(other.at, now)} ago`;
    lines.push(
      `  ${paint.bad(`another master was heard beside us: ${other.address}, priority ${other.priority}, ${when}`)}`,
    );
  }
  for (const { address, held, conflict } of instance.virtual_addresses) {
    const claimed =
      conflict === null
        ? ''
        : `, claimed by ${conflict.mac} as well: ${times(conflict.count)}, last ${ago(conflict.at, now)} ago`;
    lines.push(`  ${address} is ${held ? paint.good('here') : 'not here'}${paint.bad(claimed)}`);
  }
  for (const { kind, name, detail } of faults)
    lines.push(`  ${paint.bad('fault')}: ${kind} ${name}: ${detail}`);
  for (const { kind, name, detail } of cold) {
    lines.push(`  ${paint.warning(`${kind} ${name} is ${detail}`)}: MASTER only while no other host is`);
  }
  return lines;
}

/** `150`, or what weights have made of it. */
export function priorityOf({ priority, configured_priority: configured }: InstanceStatus): string {
  return priority === configured ? `${priority}` : `${priority} (configured ${configured})`;
}

/**
 * The latest transitions, newest first, and how long the state that each one led to has lasted. Times are this
 * computer's, of the host that tells.
 */
export function describeTransitions({ transitions }: InstanceStatus, now: number, paint: Paint): string[] {
  const rows = transitions.map((transition, index) => {
    const { at, from, to } = transition;
    const until = index === 0 ? now : Date.parse(transitions[index - 1]!.at);
    const lasted = duration(until - Date.parse(at));
    const lately = index === 0 ? 'so far' : '';
    return { at, from, to, lasted: `${lasted}${lately && ` ${lately}`}`, why: because(transition) };
  });
  const width = (of: (row: (typeof rows)[number]) => string): number =>
    Math.max(0, ...rows.map((row) => of(row).length));
  const [states, lasts] = [width(({ from, to }) => `${from} -> ${to}`), width(({ lasted }) => lasted)];
  return rows.map(({ at, from, to, lasted, why }) => {
    const gap = ' '.repeat(states - `${from} -> ${to}`.length);
    return `  ${paint.faint(at)}  ${from} -> ${paint.state(to)}${gap}  ${lasted.padEnd(lasts)}  ${why}`;
  });
}

function because({ reason, detail }: InstanceStatus['transitions'][number]): string {
  return detail === '' ? reason : `${reason}, ${detail}`;
}
