/** The whole page out of its model. Pure: the same model gives the same markup. */
import { renderHosts } from './hosts.ts';
import { html, type Markup } from './markup.ts';
import { renderMeasures } from './measures.ts';
import type { Model } from './model.ts';
import { renderTimeline } from './timeline.ts';
import { renderTransitions } from './transitions.ts';
import { headline, moodOf, renderVerdict } from './verdict.ts';

export function renderPage(model: Model): Markup {
  return html`${renderVerdict(model)}<main class="${model.silentFor === null ? '' : 'stale'}">${renderHosts(model)}${renderTimeline(model)}${renderMeasures(model)}${renderTransitions(model)}</main>
<footer><span>Times are those of this browser.</span><nav aria-label="Other answers"><a href="/status">/status</a> <a href="/metrics">/metrics</a> <a href="/healthz">/healthz</a></nav></footer>`;
}

/** For a tab among many. */
export function titleOf(model: Model): string {
  const mood = moodOf(model);
  const said = mood === 'silent' ? 'no answer' : headline(model);
  return `${{ good: '●', warning: '▲', bad: '✕', silent: '?' }[mood]} ${said} · memcache-ha`;
}
