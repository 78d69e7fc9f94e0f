/** The head of the page: how the pair is, in one sentence, and what is wrong. */
import { html, type Markup } from './markup.ts';
import type { DrawnHost, Model } from './model.ts';
import { clock, duration, milliseconds } from './times.ts';

export type Mood = 'good' | 'warning' | 'bad' | 'silent';

export function moodOf({ problems, silentFor }: Model): Mood {
  if (silentFor !== null) return 'silent';
  if (problems.some(({ severity }) => severity === 'bad')) return 'bad';
  return problems.length > 0 ? 'warning' : 'good';
}

function wordsFor(mood: Mood, { hosts, now }: Model): string {
  const serves = hosts.some(({ status }) =>
    status?.instances.some(({ state, master }) => state === 'MASTER' || master !== null),
  );
  if (mood === 'silent') return `Last heard at ${clock(now)}`;
  if (mood === 'good') return 'All is well';
  if (!serves) return 'Nobody serves';
  return mood === 'bad' ? 'Serving, with trouble' : 'Serving, but look at this';
}

export function renderVerdict(model: Model): Markup {
  const { problems, now, silentFor } = model;
  const silent = silentFor !== null;
  const mood = moodOf(model);
  return html`<header class="top"><span class="brand">memcache-ha</span>
<span class="live ${silent ? 'off' : 'on'}">${
    silent ? `no answer for ${duration(silentFor)}` : `live · ${clock(now)}`
  }</span></header>
<section class="verdict ${mood}" aria-label="Verdict"><div role="status"><p class="mood">${wordsFor(mood, model)}</p>
<h1>${silent ? 'The daemon of this host does not answer' : headline(model)}</h1></div>
<p class="stand">${silent && `It said: ${headline(model)} · `}${standing(model)}</p>
${silent && html`<p class="note">All of this page is as it was then. <code>systemctl status memcache-ha</code> on the host tells more.</p>`}
${
  problems.length === 0
    ? null
    : html`<ul class="problems">${problems.map(
        ({ severity, host, text }) =>
          html`<li class="${severity}"><span class="sign" aria-hidden="true">${severity === 'bad' ? '✕' : '!'}</span><span><span class="unseen">${severity}: </span>${host === null ? null : html`<b>${host}</b> `}${text}</span></li>`,
      )}</ul>`
}</section>`;
}

/** Who serves what; also the title of the window. */
export function headline({ hosts }: Pick<Model, 'hosts'>): string {
  const own = hosts[0]?.status?.instances ?? [];
  if (own.length === 0) return 'No virtual router is configured here';
  const serving = hosts.map((host) => ({
    host,
    names: own.filter(({ virtual_router_id }) => isMaster(host, virtual_router_id)).map(({ name }) => name),
  }));
  const masters = serving.filter(({ names }) => names.length > 0);
  if (masters.length === 0) {
    const heard = own.flatMap(({ master }) => (master === null ? [] : [master.address]));
    return heard.length > 0 ? `${[...new Set(heard)].join(' and ')} is MASTER` : 'Nobody is MASTER';
  }
  if (own.length === 1) {
    const names = masters.map(({ host }) => host.label);
    const addresses = own[0]!.virtual_addresses.map(({ address }) => address);
    const [first = ''] = addresses;
    const more = addresses.length > 1 ? ` and ${addresses.length - 1} more` : '';
    return names.length === 1
      ? `${names[0]} serves ${first}${more}`
      : `${names.join(' and ')} are both MASTER`;
  }
  return masters
    .map(
      ({ host, names }) =>
        `${host.label} serves ${names.length === own.length ? `all ${own.length}` : names.join(', ')}`,
    )
    .join(' · ');
}

/** Of a single virtual router: since when it is served so, who would take over, and how long that took last. */
function standing({ hosts, now }: Model): string {
  const own = hosts[0]?.status?.instances ?? [];
  const [router] = own;
  if (router === undefined || own.length > 1) return '';
  const each = hosts.map((host) => ({
    host,
    instance: host.status?.instances.find(
      ({ virtual_router_id }) => virtual_router_id === router.virtual_router_id,
    ),
  }));
  const since = each.flatMap(({ host, instance }) =>
    instance?.state === 'MASTER' ? [now + host.clockAhead - Date.parse(instance.since)] : [],
  );
  const others = each.flatMap(({ host: { label, status }, instance }) => {
    if (status === null) return [`${label} does not answer`];
    if (instance?.state === 'BACKUP') return [status.drained ? `${label} is drained` : `${label} stands by`];
    return instance === undefined || instance.state === 'MASTER' ? [] : [`${label} cannot take over`];
  });
  const took = hosts
    .flatMap(({ history, clockAhead }) =>
      (history?.instances ?? [])
        .flatMap(({ takeovers }) => takeovers)
        .map(({ at, ms }) => ({ at: Date.parse(at) - clockAhead, ms })),
    )
    .toSorted((a, b) => b.at - a.at);
  return [
    ...(since.length === 1 ? [`for ${duration(since[0]!)}`] : []),
    ...others,
    ...(took.length > 0 ? [`the last takeover took ${milliseconds(took[0]!.ms)}`] : []),
    ...(hosts.length === 1 ? ['no peer is known here (global_defs.metrics.peers)'] : []),
  ].join(' · ');
}

function isMaster({ status }: DrawnHost, virtualRouterId: number): boolean {
  const instances = status?.instances ?? [];
  return instances.some(
    ({ virtual_router_id, state }) => virtual_router_id === virtualRouterId && state === 'MASTER',
  );
}
