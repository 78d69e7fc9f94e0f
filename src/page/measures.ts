/** What was measured on each host: how long memcached's answers took, and how long each takeover. */
import type { Takeover } from '../daemon/history.ts';
import type { ProbeSample } from '../daemon/probe-times.ts';
import { html, type Markup } from './markup.ts';
import type { DrawnHost, Model } from './model.ts';
import { milliseconds, moment } from './times.ts';

/** The width of the drawings, in their own units. */
const WIDTH = 300;
const HEIGHT = 60;
/** Span of the probes, in ms. */
const SPAN = 300_000;
/** Takeovers that are drawn. */
const SHOWN = 6;

export function renderMeasures({ hosts, now }: Model): Markup {
  const known = hosts.filter(({ history }) => history !== null);
  // One scale for all hosts, or they could not be compared.
  const slowest = Math.max(
    1,
    ...known.flatMap(({ history }) =>
      history!.memcached.flatMap(({ probes }) => probes.map(([, ms]) => ms ?? 0)),
    ),
  );
  const longest = Math.max(1, ...known.flatMap((host) => takeoversOf(host).map(({ ms }) => ms)));
  return html`<section class="measures" aria-label="Measured">${known.map(
    (host) => html`<article class="card"><h2>${host.label}</h2>
${host.history!.memcached.map(({ name, probes }) => renderProbes(name, probes, slowest, now + host.clockAhead))}
${renderTakeovers(takeoversOf(host), longest, now + host.clockAhead)}</article>`,
  )}</section>`;
}

function renderProbes(name: string, probes: readonly ProbeSample[], top: number, now: number): Markup {
  const good = probes.flatMap(([, ms]) => (ms === null ? [] : [ms])).toSorted((a, b) => a - b);
  const failed = probes.length - good.length;
  const at = (part: number): number => good[Math.min(good.length - 1, Math.floor(good.length * part))]!;
  const x = (when: number): number => Math.round((1 - (now - when) / SPAN) * WIDTH * 10) / 10;
  const y = (ms: number): number => Math.round((HEIGHT - (ms / top) * (HEIGHT - 4)) * 10) / 10;
  const recent = probes.filter(([when]) => now - when <= SPAN);
  const bad = recent.filter(([, ms]) => ms === null);
  return html`<figure><figcaption><h3>Probes of memcached ${name}</h3>
${figures(
  good.length === 0 ? null : ['median', milliseconds(median(good))],
  good.length === 0 ? null : ['99 %', milliseconds(at(0.99))],
  good.length === 0 ? null : ['slowest', milliseconds(at(1))],
  ['failed', String(failed), failed > 0 ? 'bad' : ''],
)}</figcaption>
<div class="chart"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Times of the last five minutes, ${failed} failed">
${bad.map(([when]) => html`<line class="miss" x1="${x(when)}" x2="${x(when)}" y1="0" y2="${HEIGHT}"/>`)}
${stretches(recent).map((stretch) => {
  const points = stretch.map(([when, ms]) => `${x(when)},${y(ms)}`);
  const [first, last] = [x(stretch[0]![0]), x(stretch.at(-1)![0])];
  return html`<path class="area" d="M${first},${HEIGHT}L${points.join('L')}L${last},${HEIGHT}Z"/><path class="curve" d="M${points.join('L')}"/>`;
})}</svg><span class="top">${milliseconds(top)}</span></div>
<p class="axis"><span>5 min ago</span><span>now</span></p></figure>`;
}

/** Samples that follow each other without a failure. */
function stretches(samples: readonly ProbeSample[]): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [[]];
  for (const [when, ms] of samples) {
    if (ms === null) found.push([]);
    else found.at(-1)!.push([when, ms]);
  }
  return found.filter((stretch) => stretch.length > 0);
}

function renderTakeovers(takeovers: readonly Takeover[], top: number, now: number): Markup {
  if (takeovers.length === 0) {
    return html`<figure><figcaption><h3>Takeovers</h3></figcaption><p class="none">None since the daemon started.</p></figure>`;
  }
  const sorted = takeovers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return html`<figure><figcaption><h3>Takeovers</h3>${figures(
    ['count', String(takeovers.length)],
    ['median', milliseconds(median(sorted))],
    ['slowest', milliseconds(sorted.at(-1)!)],
  )}</figcaption>
<ol class="bars">${takeovers
    .slice(0, SHOWN)
    .map(
      ({ at, ms }) =>
        html`<li><span class="soft">${moment(Date.parse(at), now)}</span><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="amount" width="${Math.max(0.5, (ms / top) * 100).toFixed(1)}" height="8"/></svg><span class="value">${milliseconds(ms)}</span></li>`,
    )}</ol></figure>`;
}

function median(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

function takeoversOf({ history }: DrawnHost): Takeover[] {
  const all = history?.instances.flatMap(({ takeovers }) => takeovers) ?? [];
  return all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function figures(
  ...entries: readonly (readonly [name: string, value: string, mood?: string] | null)[]
): Markup {
  return html`<dl class="figures">${entries.map(
    (entry) => entry && html`<div class="${entry[2] ?? ''}"><dt>${entry[0]}</dt><dd>${entry[1]}</dd></div>`,
  )}</dl>`;
}
