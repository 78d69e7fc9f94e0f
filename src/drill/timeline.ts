/** Puts a drill's moments in order and shows them as lines. Pure. */
import type { Moment } from './moment.ts';

/** A pause longer than this many ms is shown as one. */
const LONG = 500;

/** In the order of time; the drill's own acts come before what is seen in the same millisecond. */
export function inOrder(moments: readonly Moment[]): Moment[] {
  const rank = ({ mood }: Moment) => (mood === 'act' ? 0 : 1);
  return [...moments].sort(
    (one, other) => Math.round(one.t) - Math.round(other.t) || rank(one) - rank(other) || one.t - other.t,
  );
}

const COLOUR: Readonly<Record<Moment['mood'], number>> = { act: 1, bad: 31, good: 32, plain: 0 };

/** Lines such as `    614 ms ┤ peer    BACKUP -> MASTER  master_resigned`; `zero` is the fault. */
export function formatTimeline(moments: readonly Moment[], zero: number, coloured: boolean): string[] {
  const ordered = inOrder(moments);
  const width = Math.max(6, ...ordered.map(({ who }) => who.length));
  return ordered.flatMap(({ t, who, mood, text }, index) => {
    const paint = (words: string) =>
      coloured && COLOUR[mood] > 0 ? `\x1b[${COLOUR[mood]}m${words}\x1b[0m` : words;
    const line = `${String(Math.round(t - zero)).padStart(8)} ms ┤ ${who.padEnd(width)}  ${paint(text)}`;
    const last = ordered[index - 1]?.t ?? t;
    return t - last > LONG ? [`${' '.repeat(12)}┆`, line] : [line];
  });
}
