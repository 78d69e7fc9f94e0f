/**
 * The drill as a picture: a lane for the client and one for each host, over the whole drill and once more close to the
 * outage, which is a hundredth of it. Pure: gives the inner elements of an SVG and their height.
 */
import { noiseOf } from '../outage.ts';
import { type Axis, place, tickLabel, ticks } from './axis.ts';
import type { DrillReport } from './report.ts';
import { escapeMarkup } from './text.ts';

export const WIDTH = 960;
const LEFT = 96;
const RIGHT = WIDTH - 16;
const LANE = 26;
const GAP = 8;

/** The times of a report have one decimal: so much a difference of two may be off. */
const ROUNDED = 0.3;

/** A state's colour; other words are those of a host that cannot serve. */
const COLOUR: Readonly<Record<string, string>> = {
  MASTER: 'master',
  BACKUP: 'backup',
  silent: 'silent',
  INIT: 'silent',
  STOP: 'silent',
};

/** How wide a bar must be for the word in it. */
const widthOf = (word: string): number => word.length * 8 + 10;

/** Both views, one below the other, from `top` on. */
export function picture(
  report: DrillReport,
  top: number,
): { readonly body: string; readonly height: number } {
  const whole = panel(report, 'The whole drill', { from: report.from_ms, to: report.to_ms }, top);
  const close = panel(report, closeTitle(report), closeRange(report), top + whole.height + 14);
  return { body: whole.body + close.body, height: whole.height + 14 + close.height };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Around the longest gap of the fault; without one, around the fault. */
function closeRange(report: DrillReport): Range {
  const until = report.undone_ms ?? report.to_ms;
  const gaps = report.gaps.filter(({ from_ms, to_ms }) => to_ms > 0 && from_ms < until);
  const [longest] = [...gaps].sort((one, other) => other.to_ms - other.from_ms - (one.to_ms - one.from_ms));
  const elected = report.states
    .flatMap(({ changes }) => changes)
    .filter(({ ms, state }) => state === 'MASTER' && ms > 0 && ms < until);
  const events = [0, longest?.from_ms ?? 0, longest?.to_ms ?? 0, ...elected.map(({ ms }) => ms)];
  const [from, to] = [Math.min(...events), Math.max(...events)];
  const margin = Math.max(25, (to - from) * 0.25);
  return { from: from - margin, to: to + margin };
}

function closeTitle({ expectation }: DrillReport): string {
  return expectation === 'failover' ? 'Close to the failover' : 'Close to the fault';
}

function panel(
  report: DrillReport,
  title: string,
  range: Range,
  top: number,
): { body: string; height: number } {
  const axis: Axis = { ...range, left: LEFT, right: RIGHT };
  const first = top + 26;
  const lanes = [
    lane('client', first, clientBars(report, axis)),
    ...report.states.map(({ label, changes }, index) =>
      lane(label, first + (index + 1) * (LANE + GAP), stateBars(changes, axis)),
    ),
  ];
  const bottom = first + lanes.length * (LANE + GAP);
  const parts = [
    `<text x="16" y="${top + 14}" font-weight="600">${escapeMarkup(title)}</text>`,
    ...ticks(axis).map((ms) => tick(axis, ms, first, bottom)),
    ...lanes,
    mark(axis, 0, 'fault', first, bottom),
    ...(report.undone_ms === null ? [] : [mark(axis, report.undone_ms, 'undone', first, bottom)]),
  ];
  return { body: parts.join('\n'), height: bottom + 20 - top };
}

function lane(label: string, y: number, bars: readonly Bar[]): string {
  const text = `<text x="16" y="${y + 17}">${escapeMarkup(label)}</text>`;
  return [text, ...bars.map((bar) => draw(bar, y))].join('\n');
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
  /** Shown in it when there is room, and always as its title. */
  readonly word: string;
  readonly title: string;
}

function draw({ from, to, colour, word, title }: Bar, y: number): string {
  const width = Math.max(colour === 'late' ? 0.3 : 1.5, to - from);
  const rectangle = `<rect class="${colour}" x="${from}" y="${y}" width="${width.toFixed(1)}" height="${LANE}" rx="2"><title>${escapeMarkup(title)}</title></rect>`;
  if (word === '' || width < widthOf(word)) return rectangle;
  return `${rectangle}<text class="inside" x="${from + 5}" y="${y + 17}">${escapeMarkup(word)}</text>`;
}

function clientBars({ gaps, from_ms, to_ms, outage }: DrillReport, axis: Axis): Bar[] {
  const noise = noiseOf(outage.before_ms);
  const isLongest = (ms: number) =>
    [outage.fault_ms, outage.back_ms].some((longest) => Math.abs(longest - ms) < ROUNDED);
  const isNoise = (ms: number) => ms <= noise && !isLongest(ms);
  const [from, to] = [Math.max(axis.from, from_ms), Math.min(axis.to, to_ms)];
  const lost = gaps.filter((gap) => gap.to_ms > from && gap.from_ms < to);
  const word = 'answered';
  // A gap that begins under the word would hide it.
  const isFree = lost.every((gap) => place(axis, gap.from_ms) > place(axis, from) + widthOf(word));
  const answered: Bar = {
    ...{ from: place(axis, from), to: place(axis, to) },
    ...{ colour: 'good', word: isFree ? word : '', title: word },
  };
  return [
    answered,
    ...lost.map(
      (gap): Bar => ({
        from: place(axis, gap.from_ms),
        to: place(axis, gap.to_ms),
        // Late answers of a busy machine are not to look like the outage.
        colour: isNoise(gap.to_ms - gap.from_ms) ? 'late' : 'bad',
        word: `${Math.round(gap.to_ms - gap.from_ms)} ms`,
        title: `${Math.round(gap.to_ms - gap.from_ms)} ms without an answer: ${gap.reason}`,
      }),
    ),
  ];
}

function stateBars(changes: DrillReport['states'][number]['changes'], axis: Axis): Bar[] {
  return changes.flatMap(({ ms, state }, index): Bar[] => {
    const end = changes[index + 1]?.ms ?? Number.POSITIVE_INFINITY;
    // What was so at the beginning was so before it.
    const begin = index === 0 ? Number.NEGATIVE_INFINITY : ms;
    if (end <= axis.from || begin >= axis.to) return [];
    const word = state === 'silent' ? 'no answer' : state;
    return [
      {
        from: place(axis, begin),
        to: place(axis, end),
        colour: COLOUR[state] ?? 'fault',
        word,
        title: index === 0 ? word : `${word} from ${Math.round(ms)} ms on`,
      },
    ];
  });
}

function tick(axis: Axis, ms: number, top: number, bottom: number): string {
  const x = place(axis, ms);
  const line = `<line class="grid" x1="${x}" x2="${x}" y1="${top - 4}" y2="${bottom - 2}"/>`;
  return `${line}<text class="faint" x="${x}" y="${bottom + 12}" text-anchor="middle">${tickLabel(ms, axis)}</text>`;
}

function mark(axis: Axis, ms: number, word: string, top: number, bottom: number): string {
  if (ms < axis.from || ms > axis.to) return '';
  const x = place(axis, ms);
  const line = `<line class="mark" x1="${x}" x2="${x}" y1="${top - 8}" y2="${bottom - 2}"/>`;
  const anchor = x > RIGHT - 60 ? 'end' : 'start';
  return `${line}<text class="act" x="${x + (anchor === 'end' ? -4 : 4)}" y="${top - 6}" text-anchor="${anchor}" font-size="12">${word}</text>`;
}
