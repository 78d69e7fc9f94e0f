/** A drill's report as one HTML page: what it came to, the picture, the timeline as a table. Self-contained. Pure. */
import { summaryLines } from '../summary.ts';
import { picture, WIDTH } from './picture.ts';
import type { DrillReport } from './report.ts';
import { STYLE } from './style.ts';
import { subtitle, title } from './svg.ts';
import { escapeMarkup } from './text.ts';

const PAGE = `
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 60rem;
  margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; }
.faint { color: var(--faint); } .good { color: var(--good); } .bad { color: var(--bad); } .act { color: var(--act); }
.outcome { font-weight: 700; } .big { font-size: 1.15rem; font-weight: 600; margin: .8rem 0 .2rem; }
.picture { overflow-x: auto; } .picture svg { width: 100%; min-width: 40rem; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; } td { padding: .15rem .6rem .15rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td:first-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--faint); }
td:nth-child(2) { white-space: nowrap; }
`;

export function htmlReport(report: DrillReport): string {
  const { outcome, act, timeline, target } = report;
  const [first = '', ...said] = summaryLines(report).filter((line) => line !== '');
  const drawn = picture(report, 8);
  const rows = timeline.map(
    ({ ms, who, mood, text }) =>
      `<tr><td>${Math.round(ms)} ms</td><td>${escapeMarkup(who)}</td><td class="${mood}">${escapeMarkup(text)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title(report))}: ${outcome}</title>
<style>${STYLE}${PAGE}</style>
<body>
<h1>${escapeMarkup(title(report))}: <span class="outcome ${outcome === 'good' ? 'good' : 'bad'}">${outcome}</span></h1>
<div class="faint">${escapeMarkup(subtitle(report))}</div>
<p>${escapeMarkup(act)}. Asked through ${escapeMarkup(target)}.</p>
<div class="big">${escapeMarkup(first.trim())}</div>
${said.map((line) => `<div>${escapeMarkup(line.trim())}</div>`).join('\n')}
<h2>Seen over time</h2>
<div class="picture"><svg viewBox="0 0 ${WIDTH} ${Math.ceil(drawn.height + 8)}" role="img" aria-label="${escapeMarkup(title(report))}">
${drawn.body}
</svg></div>
<h2>Timeline</h2>
<table>
${rows.join('\n')}
</table>
</body>
</html>
`;
}
