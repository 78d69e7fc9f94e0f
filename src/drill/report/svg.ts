/** A drill's report as one SVG: what it came to, the picture, the timeline. Self-contained. Pure. */
import { summaryLines } from '../summary.ts';
import { picture, WIDTH } from './picture.ts';
import type { DrillReport } from './report.ts';
import { STYLE } from './style.ts';
import { escapeMarkup, shorten, wrap } from './text.ts';

const LINE = 19;
/** Characters that fit into a line of the picture. */
const LONGEST = 126;

export function svgReport(report: DrillReport): string {
  const { outcome, timeline } = report;
  const head = [
    `<text class="head" x="16" y="32">${escapeMarkup(title(report))}</text>`,
    `<text class="faint" x="16" y="52">${escapeMarkup(subtitle(report))}</text>`,
    `<text class="${outcome === 'good' ? 'good' : 'bad'}" x="${WIDTH - 16}" y="32" text-anchor="end" font-weight="700">${outcome}</text>`,
  ];
  const said = summaryLines(report)
    .filter((line) => line !== '')
    .flatMap((line) => wrap(line.trim(), LONGEST));
  const summary = said.map(
    (line, index) =>
      `<text x="16" y="${78 + index * LINE}"${index === 0 ? ' font-weight="600"' : ''}>${escapeMarkup(line)}</text>`,
  );
  const drawn = picture(report, 78 + said.length * LINE + 6);
  const first = 78 + said.length * LINE + 6 + drawn.height + 24;
  const lines = timeline.map(
    ({ ms, who, mood, text }, index) =>
      `<text class="mono${mood === 'plain' ? '' : ` ${mood}`}" x="16" y="${first + index * LINE}">${escapeMarkup(shorten(`${String(Math.round(ms)).padStart(8)} ms  ${who.padEnd(7)} ${text}`, LONGEST))}</text>`,
  );
  const height = first + timeline.length * LINE + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" width="${WIDTH}" role="img" aria-label="${escapeMarkup(title(report))}">
<style>${STYLE}</style>
<rect class="paper" width="100%" height="100%"/>
${[...head, ...summary, drawn.body, ...lines].join('\n')}
</svg>
`;
}

/** What was drilled, where. */
export function title({ fault, role, instance, hosts }: DrillReport): string {
  return `Drill ${fault} on ${hosts[0]?.router_id ?? 'this host'}, ${role} of ${instance}`;
}

/** When, and between whom. */
export function subtitle({ at, hosts, virtual_addresses, version }: DrillReport): string {
  const names = hosts.map(
    ({ label, router_id, address }) => `${label}: ${[router_id, address].filter(Boolean).join(' ')}`,
  );
  return `${at}  ·  ${virtual_addresses.join(', ')}  ·  ${names.join('  ·  ')}  ·  memcache-ha ${version}`;
}
