/** One card for each host: its state in every virtual router, its memcacheds, proxies and other checks. */
import type { InstanceStatus, ProxyStatus, Status } from '../daemon/status.ts';
import { type Filling, html, type Markup } from './markup.ts';
import { type DrawnHost, type Model, stateClass, stateSign } from './model.ts';
import { reasonInWords } from './reasons.ts';
import { duration, milliseconds, moment } from './times.ts';

/** A clock that is so far off is told, in ms. */
const CLOCK_OFF = 1000;

export function renderHosts({ hosts, now }: Model): Markup {
  return html`<section class="hosts" aria-label="Hosts">${hosts.map((host) => renderHost(host, now))}</section>`;
}

function renderHost(host: DrawnHost, now: number): Markup {
  const { address, label, status, detail, clockAhead, heardAt } = host;
  const own = address === null;
  const head = (meta: Filling): Markup =>
    html`<header><h2>${label}</h2><span class="tag">${own ? 'this host' : 'peer'}</span><p class="meta">${meta}</p></header>`;
  if (status === null) {
    const heard = heardAt === null ? null : html` It answered last at ${moment(heardAt, now)}.`;
    return html`<article class="host card gone">${head(address === null ? null : linkTo(address))}
<div class="router"><p class="state other"><span class="badge"><span aria-hidden="true">?</span> no answer</span></p>
<p class="why">${detail}.${heard}</p></div></article>`;
  }
  const peerNow = now + clockAhead;
  const up = `version ${status.version} · up ${duration(peerNow - Date.parse(status.started))}`;
  const off =
    Math.abs(clockAhead) < CLOCK_OFF
      ? null
      : html` · <b class="warning">clock ${duration(Math.abs(clockAhead))} ${clockAhead > 0 ? 'ahead' : 'behind'}</b>`;
  return html`<article class="host card">${head(html`${own ? null : html`${linkTo(address)} · `}${up}${off}`)}
${status.drained && html`<p class="drained">Drained: stays out until <code>memcache-ha resume</code></p>`}
${status.instances.map((instance) => renderRouter(instance, peerNow))}
<dl class="parts">${renderParts(status)}</dl></article>`;
}

/** Its own page. */
const linkTo = (address: string): Markup => html`<a href="http://${address}/">${address}</a>`;

function renderRouter(instance: InstanceStatus, now: number): Markup {
  const { name, state, since, handing_over, transitions, virtual_addresses, master } = instance;
  const [latest] = transitions;
  const { priority, configured_priority: configured, virtual_router_id: vrid } = instance;
  const why =
    instance.faults.length > 0
      ? instance.faults.map(({ kind, name: what, detail }) => `${kind} ${what}: ${detail}`).join('; ')
      : latest === undefined
        ? ''
        : sentence(`${reasonInWords(latest.reason)}${latest.detail === '' ? '' : `: ${latest.detail}`}`);
  return html`<div class="router">
<p class="state ${stateClass(state)}"><span class="badge"><span aria-hidden="true">${stateSign(state)}</span> ${state}</span>
<span class="for">for ${duration(now - Date.parse(since))}${handing_over && ', handing over'}</span>
<span class="vrid">${name} · VRID ${vrid}</span></p>
<p class="why">${why}</p>
<dl>${row(
    virtual_addresses.length > 1 ? 'Addresses' : 'Address',
    virtual_addresses.map(({ address, held, conflict }) =>
      line(
        html`<code>${address}</code>`,
        dot(conflict !== null ? 'bad' : held ? 'good' : 'off', held ? 'here' : 'not here'),
        conflict === null ? null : html`claimed by <code>${conflict.mac}</code>`,
      ),
    ),
  )}${row('Priority', line(html`${priority}${priority === configured ? null : html` <span class="soft">of ${configured}</span>`}`))}${
    state === 'MASTER'
      ? null
      : row(
          'Master',
          line(
            master === null
              ? dot('bad', 'nobody is heard')
              : html`<code>${master.address}</code> <span class="soft">priority ${master.priority}</span>`,
          ),
        )
  }</dl></div>`;
}

function renderParts(status: Status): Markup[] {
  const checks = [
    ['Script', status.scripts],
    ['Process', status.processes],
    ['File', status.files],
  ] as const;
  return [
    ...status.memcached.map(({ name, detail, version, probe_seconds, copy, generation, process, ...check }) =>
      row(
        named('memcached', name, status.memcached),
        line(
          health(check.status),
          check.status === 'up' &&
            probe_seconds !== null &&
            html`<b>${milliseconds(probe_seconds * 1000)}</b>`,
          check.status === 'up' && version !== null && html`<span class="soft">${version}</span>`,
          check.status !== 'up' && detail,
          html`<code class="soft">${check.address}</code>`,
        ),
        copy === null
          ? null
          : line(
              dot(copy === 'whole' ? 'good' : copy === 'unknown' ? 'off' : 'warning', `copy ${copy}`),
              generation !== null && html`<span class="soft">generation ${generation}</span>`,
            ),
        process === null
          ? null
          : line(
              html`<span class="soft">${process.pid === null ? 'not running' : `pid ${process.pid}`}${process.restarts > 0 && `, restarted ${process.restarts} ×`}${process.detail !== '' && `, ${process.detail}`}</span>`,
            ),
      ),
    ),
    ...status.proxies.map((proxy) => renderProxy(proxy, status)),
    ...checks.flatMap(([kind, entries]) =>
      entries.map(({ name, detail, ...check }) =>
        row(`${kind} ${name}`, line(health(check.status), detail !== '' && detail)),
      ),
    ),
  ];
}

function renderProxy(
  { name, listen, up, pid, restarts, detail, copies, refill }: ProxyStatus,
  status: Status,
): Markup {
  return row(
    named('proxy', name, status.proxies),
    line(
      dot(up ? 'good' : detail === '' ? 'off' : 'bad', up ? 'listens' : detail || 'not running'),
      html`<code class="soft">${listen}</code>`,
      restarts > 0 && html`<span class="soft">restarted ${restarts} ×</span>`,
      pid !== null && html`<span class="soft">pid ${pid}</span>`,
    ),
    copies.map((copy) =>
      line(
        html`<code>${copy.name}</code>`,
        dot(
          !copy.up ? 'bad' : copy.whole ? 'good' : 'warning',
          !copy.up ? 'out' : copy.whole ? 'whole' : 'not read',
        ),
        html`<span class="soft">generation ${copy.generation}</span>`,
      ),
    ),
    refill === null
      ? null
      : html`<p class="refill"><span>Refilling <code>${refill.target}</code>: ${refill.done} of ${refill.total} items${refill.left !== null && `, ${duration(refill.left * 1000)} left`}</span><progress max="${Math.max(1, refill.total)}" value="${refill.done}">${refill.done} of ${refill.total}</progress></p>`,
  );
}

const row = (name: string, ...values: readonly Filling[]): Markup =>
  html`<div><dt>${name}</dt><dd>${values}</dd></div>`;
const line = (...values: readonly Filling[]): Markup =>
  html`<p>${values.map((value) => (value === false || value === null ? null : html`<span>${value}</span> `))}</p>`;
const dot = (mood: 'good' | 'warning' | 'bad' | 'off', word: string): Markup =>
  html`<span class="dot ${mood}">${word}</span>`;

function health(status: string): Markup {
  return dot(status === 'up' ? 'good' : status === 'down' ? 'bad' : 'warning', status);
}

/** The only one of its kind needs no name. */
function named(kind: string, name: string, all: readonly unknown[]): string {
  return all.length === 1 ? kind : `${kind} ${name}`;
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
