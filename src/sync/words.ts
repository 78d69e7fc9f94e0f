/** How far a copy is, and what became of it, as a person reads it. Pure. */
import type { Outcome, Progress, Skipped } from './refill-types.ts';

const BAR = 24;

/** One line, without its end. `bar`: with a bar, for a terminal. */
export function progressLine(progress: Progress, bar: boolean): string {
  const { done, total, itemsPerSecond, bytesPerSecond, remaining } = progress;
  const share = total === 0 ? 0 : done / total;
  const drawn = Math.floor(share * BAR);
  const parts = [
    progress.pass.padEnd(9),
    ...(bar ? [`[${'#'.repeat(drawn)}${'.'.repeat(BAR - drawn)}]`] : []),
    `${Math.floor(share * 100)} %`.padStart(5),
    `${count(done)} of ${count(total)}`,
  ];
  if (progress.pass !== 'measuring') parts.push(`copied ${count(progress.copied)}`);
  if (itemsPerSecond > 0) parts.push(`${count(Math.round(itemsPerSecond))}/s`, `${bytes(bytesPerSecond)}/s`);
  if (remaining !== null && done < total) parts.push(`${duration(remaining)} left`);
  if (progress.busyWaits > 0 && done === 0)
    parts.push(`the source's crawler is busy, waited ${duration(progress.busyFor)}`);
  return parts.join('  ');
}

/** Why an item is not on the target, in the order of telling; null: that is as it should be. */
const REASONS: Readonly<Record<Skipped, string | null>> = {
  present: null,
  unwanted: null,
  gone: null,
  written: 'written by clients meanwhile',
  cold: 'used longest ago: the target has no room for them',
  'too-large': "larger than the target's item_size_max",
  stale: 'marked stale: a miss says the same',
  unnameable: 'a binary key too long for a meta command',
  'no-memory': 'no memory on the target',
  error: 'an error',
};

/** What was copied and what was not, a line each. */
export function summary(outcome: Outcome, from: string, to: string): string[] {
  const { progress } = outcome;
  const { copied, copiedBytes, elapsed, skipped, lastError } = progress;
  const rate = elapsed > 0 ? Math.round((copied * 1000) / elapsed) : 0;
  const lines = [
    `copied ${count(copied)} items (${bytes(copiedBytes)}) from ${from} to ${to} in ${duration(elapsed)}, ${count(rate)} a second`,
  ];
  for (const [why, text] of Object.entries(REASONS) as [Skipped, string | null][]) {
    if (text === null || skipped[why] === 0) continue;
    lines.push(
      `not copied: ${count(skipped[why])} (${text}${why === 'error' ? `, the last: ${lastError}` : ''})`,
    );
  }
  if (outcome.kind === 'complete' && outcome.secondPass === 'evictions')
    lines.push('no second look: the target has begun to evict, so what it lacks may be what it threw away');
  return lines;
}

/** What the copy could not guarantee. */
export const NOT_GUARANTEED = [
  'not guaranteed: what clients deleted or overwrote during the copy may be on the target with its old value',
  'not guaranteed: what the target had was left as it was, even where the source is newer',
];

/** Whether everything was copied that the target can hold. */
export function isWhole({ progress }: Outcome): boolean {
  return progress.skipped.error === 0 && progress.skipped['no-memory'] === 0;
}

/** 1234567 as "1 234 567". */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function bytes(number: number): string {
  if (number < 1000) return `${Math.round(number)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = number / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** `ms` as "0.4 s", "12 s", "3 min 20 s" or "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
