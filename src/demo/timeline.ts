/** Puts moments in order and shows them as a timeline. Pure. */
import { KINDS, type Moment } from './moment.ts';
import type { Style } from './style.ts';

/** A pause between two moments that is longer than this many ms is shown, with what it was spent on. */
const LONG = 250;

/** Whole milliseconds after `from`; nothing is seen before it was done, but clocks are right to a millisecond only. */
const after = ({ t }: Moment, from: number) => Math.max(0, Math.round(t - from));

/** In the order of time; within one millisecond in the order in which things follow from each other. */
export function inOrder(moments: readonly Moment[], from: number): Moment[] {
  return [...moments].sort(
    (one, other) =>
      after(one, from) - after(other, from) ||
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
      one.t - other.t,
  );
}

/** Lines such as `    614 ms ┤ B       BACKUP -> MASTER: master_resigned`; `from` is the zero. */
export function formatTimeline(moments: readonly Moment[], from: number, style: Style): string[] {
  const ordered = inOrder(moments, from);
  return ordered.flatMap((moment, index) => {
    const { t, witness, text } = moment;
    const when = `${String(after(moment, from)).padStart(7)} ms ┤ `;
    const line = `  ${when}${style.witness(witness, witness.padEnd(7))} ${paint(moment, text, style)}`;
    const last = ordered[index - 1]?.t ?? from;
    if (t - last <= LONG) return [line];
    // Whoever waited may not be the first to be seen when the wait is over.
    const waiter = ordered.slice(index).find((next) => next.waited !== undefined && next.t - t < LONG);
    return [style.dim(`             ┆ ${waiter?.waited ?? ''}`.trimEnd()), line];
  });
}

function paint({ kind }: Moment, text: string, style: Style): string {
  switch (kind) {
    case 'act':
      return style.bold(text);
    case 'answers-lost':
    case 'memcached-down':
    case 'proxy-died':
      return style.bad(text);
    case 'answers-again':
    case 'master':
      return style.good(text);
    case 'hook':
      return style.dim(text);
    default:
      return text;
  }
}
