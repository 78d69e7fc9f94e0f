/** The latest transitions of all hosts in one list, newest first. */
import { html, type Markup } from './markup.ts';
import { type Model, stateClass } from './model.ts';
import { reasonInWords } from './reasons.ts';
import { duration, moment } from './times.ts';

const SHOWN = 20;

export function renderTransitions({ hosts, now }: Model): Markup {
  const rows = hosts
    .flatMap(({ label, history, clockAhead }) =>
      (history?.instances ?? []).flatMap(({ name, transitions }) =>
        transitions.map((transition, index) => {
          const at = Date.parse(transition.at) - clockAhead;
          const newer = transitions[index - 1];
          const lasted = newer === undefined ? null : Date.parse(newer.at) - clockAhead - at;
          return { ...transition, host: label, name, at, lasted };
        }),
      ),
    )
    .toSorted((a, b) => b.at - a.at)
    .slice(0, SHOWN);
  const several = new Set(rows.map(({ name }) => name)).size > 1;
  return html`<section class="card" aria-label="Transitions"><h2>Transitions</h2>
${
  rows.length === 0
    ? html`<p class="none">None yet.</p>`
    : html`<table><thead><tr><th>Time</th><th>Host</th><th>State</th><th>Lasted</th><th>Why</th></tr></thead><tbody>${rows.map(
        ({ at, host, name, from, to, lasted, reason, detail }) =>
          html`<tr><td class="when">${moment(at, now)}</td><td class="who">${host}${several && html` <span class="soft">${name}</span>`}</td><td class="what"><span class="soft">${from} →</span> <b class="${stateClass(to)}">${to}</b></td><td class="long">${lasted === null ? 'so far' : duration(lasted)}</td><td class="reason" title="${reason}">${reasonInWords(reason)}${detail !== '' && html`<span class="soft">: ${detail}</span>`}</td></tr>`,
      )}</tbody></table>`
}</section>`;
}
