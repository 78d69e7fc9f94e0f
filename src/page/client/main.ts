/** Asks the daemon for the pair again and again and draws it; says so when there is no answer, and goes on asking. */
import type { PairView } from '../../daemon/pair-view.ts';
import { DEFAULT_SPAN, SPANS } from '../model.ts';
import { renderPage, titleOf } from '../render.ts';
import { createMemory } from './memory.ts';
import { morph } from './morph.ts';

/** From an answer to the next question, and for how long an answer is waited for; ms. */
const PAUSE = 2000;
const PATIENCE = 4000;
/** So much of a miss is none: the next answer may come in time. */
const MISSES = 2;

const page = document.getElementById('page')!;
const memory = createMemory();
let latest: { readonly view: PairView; readonly at: number } | null = null;
let misses = 0;
let next: ReturnType<typeof setTimeout> | undefined;

function draw(): void {
  if (latest === null) return;
  const span = location.hash.slice(1);
  const silentFor = misses >= MISSES ? Date.now() - latest.at : null;
  const model = memory.recall(latest.view, Object.hasOwn(SPANS, span) ? span : DEFAULT_SPAN, silentFor);
  const template = document.createElement('template');
  template.innerHTML = renderPage(model).text;
  morph(page, template.content);
  document.title = titleOf(model);
}

async function ask(): Promise<void> {
  clearTimeout(next);
  try {
    const response = await fetch('/pair', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`${response.status}`);
    latest = { view: (await response.json()) as PairView, at: Date.now() };
    misses = 0;
  } catch {
    misses += 1;
    if (latest === null && misses >= MISSES) {
      page.replaceChildren(waiting('The daemon does not answer. This page goes on asking.'));
    }
  }
  draw();
  clearTimeout(next);
  // A tab that nobody sees asks nothing.
  if (!document.hidden) next = setTimeout(ask, PAUSE);
}

function waiting(text: string): HTMLElement {
  const line = document.createElement('p');
  line.className = 'waiting';
  line.textContent = text;
  return line;
}

window.addEventListener('hashchange', draw);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void ask();
});
void ask();
