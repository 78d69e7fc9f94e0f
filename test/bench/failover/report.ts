/** The measured failover times as a table (Markdown) and as a plot (SVG). Pure: measures and writes nothing. */
import { BOUND, type Outcome } from './faults.ts';

/** One fault's runs with each contender; null: it has no such fault. */
export interface Row {
  readonly fault: string;
  readonly ours: readonly Outcome[];
  readonly keepalived: readonly Outcome[] | null;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[(values.length - 1) >> 1]!;
const worst = (values: readonly number[]): number => Math.max(...values);

function text(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? String(Math.round(milliseconds)) : 'never';
}

function cell(values: readonly number[]): string {
  if (!Number.isFinite(median(values))) return 'never';
  return `${text(median(values))} (${text(worst(values))})`;
}

/** Median and, in brackets, the worst; in ms. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, ours, keepalived }) => {
    const side = (outcomes: readonly Outcome[] | null): string[] =>
      outcomes === null
        ? ['', '']
        : [cell(outcomes.map((each) => each.impatient)), cell(outcomes.map((each) => each.patient))];
    return `| ${[fault, ...side(ours), ...side(keepalived)].join(' | ')} |`;
  });
  return `| on the MASTER | memcache-ha | waits on TCP | keepalived | waits on TCP |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

/** How long two hosts held the address, where that was watched. */
export function holdersTable(rows: readonly Row[]): string {
  const times = (outcomes: readonly Outcome[] | null): string => {
    const watched = (outcomes ?? []).map(({ twoHolders }) => twoHolders!);
    if (watched.length === 0) return '';
    return watched.every((each) => each === Number.POSITIVE_INFINITY) ? 'for good' : cell(watched);
  };
  const lines = rows
    .filter(({ ours }) => ours[0]?.twoHolders != null)
    .map(({ fault, ours, keepalived }) => `| ${fault} | ${times(ours)} | ${times(keepalived)} |`);
  return `| on the MASTER | memcache-ha | keepalived |
|---|---|---|
${lines.join('\n')}
`;
}

const WIDTH = 840;
const LABELS = 170;
const RIGHT = 90;
const TOP = 84;
const ROW = 50;
const BAR = 15;
/** The scale's ends and marks, in ms. */
const FROM = 1;
const MARKS = [1, 10, 100, 1000, 10_000];

/** Where a time is drawn; the scale is logarithmic, and what never ends reaches its end. */
function x(milliseconds: number): number {
  const part = Math.log10(Math.min(BOUND, Math.max(FROM, milliseconds)) / FROM) / Math.log10(BOUND / FROM);
  return LABELS + part * (WIDTH - LABELS - RIGHT);
}

/** The client that waits on TCP: its median as a bar, each of its runs as a dot. Readable on light and on dark. */
export function plot(rows: readonly Row[], caption: string): string {
  const height = TOP + rows.length * ROW + 40;
  const bottom = TOP + rows.length * ROW;
  const grid = MARKS.map(
    (mark) => `<line class="grid" x1="${r(x(mark))}" y1="${TOP - 8}" x2="${r(x(mark))}" y2="${bottom}"/>
<text class="mark" x="${r(x(mark))}" y="${bottom + 18}" text-anchor="middle">${mark < 1000 ? `${mark} ms` : `${mark / 1000} s`}</text>`,
  );
  const bars = rows.map(({ fault, ours, keepalived }, index) => {
    const y = TOP + index * ROW;
    const label = `<text class="fault" x="${LABELS - 12}" y="${y + 22}" text-anchor="end">${fault}</text>`;
    return [label, bar(ours, 'ours', y + 1), bar(keepalived, 'theirs', y + 3 + BAR)].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Failover times of memcache-ha and keepalived">
<style>
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .small, .mark { font-size: 12px; fill: #59636e; }
  .value { font-size: 12px; }
  .grid { stroke: #d1d9e0; }
  .ours { fill: #0969da; }
  .theirs { fill: #bc4c00; }
  .run { fill: #ffffff; stroke: #1f2328; stroke-width: 0.8; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small, .mark { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .ours { fill: #4493f8; }
    .theirs { fill: #db6d28; }
    .run { fill: #0d1117; stroke: #f0f6fc; }
    .paper { fill: #0d1117; }
  }
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="16" y="26">Longest time without a right answer, for a client that waits on TCP</text>
<text class="small" x="16" y="46">${caption}</text>
<rect class="ours" x="16" y="57" width="12" height="12"/><text class="small" x="33" y="67">memcache-ha</text>
<rect class="theirs" x="136" y="57" width="12" height="12"/><text class="small" x="153" y="67">keepalived, tuned the same way</text>
<text class="small" x="372" y="67">bar: median, dots: each run; logarithmic scale</text>
${grid.join('\n')}
${bars.join('\n')}
</svg>
`;
}

function bar(outcomes: readonly Outcome[] | null, whose: 'ours' | 'theirs', y: number): string {
  if (outcomes === null) {
    return `<text class="small" x="${LABELS + 4}" y="${y + 12}">keepalived has no such command</text>`;
  }
  const times = outcomes.map(({ patient }) => patient);
  const middle = median(times);
  const end = x(middle);
  const dots = times
    .filter(Number.isFinite)
    .map((time) => `<circle class="run" cx="${r(x(time))}" cy="${y + BAR / 2}" r="2.6"/>`);
  const furthest = Math.max(end, ...times.filter(Number.isFinite).map(x));
  const value = Number.isFinite(middle) ? `${Math.round(middle)} ms` : 'never';
  return `<rect class="${whose}" x="${LABELS}" y="${y}" width="${r(end - LABELS)}" height="${BAR}" rx="2"/>
${dots.join('\n')}
<text class="value" x="${r(furthest + 8)}" y="${y + 12}">${value}</text>`;
}

const r = (value: number): string => value.toFixed(1);
