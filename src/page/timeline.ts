/** The states of each virtual router on each host, drawn over time. */
import type { InstanceStatus } from '../daemon/status.ts';
import { type Band, bandsOf } from './bands.ts';
import { html, type Markup } from './markup.ts';
import { type DrawnHost, type Model, SPANS, stateClass, stateSign } from './model.ts';
import { reasonInWords } from './reasons.ts';
import { clock, day, duration, hours, milliseconds, moment, ticks } from './times.ts';

/** Of a lane, in px. */
const LABEL = 20;
const BAND = 26;
const LANE = LABEL + BAND + 10;
/** Room for the name of a state in its band, as a part of the span: at a desk, and on a phone. */
const ROOM = 0.1;
const ROOM_ON_A_PHONE = 0.27;
/** And for its sign alone. */
const ROOM_FOR_A_SIGN = 0.05;
/** Below that a band is drawn thicker than it is, so that it is seen. */
const THIN = 0.005;

export function renderTimeline(model: Model): Markup {
  const { hosts, now, span } = model;
  const own = hosts[0]?.status?.instances ?? [];
  return html`<section class="card" aria-label="Timeline"><header class="bar"><h2>Timeline</h2>
<nav class="spans" aria-label="Span">${Object.keys(SPANS).map(
    (name) => html`<a href="#${name}" ${name === span && html`aria-current="true"`}>${name}</a>`,
  )}</nav></header>
${own.map((instance) => html`${own.length > 1 && html`<h3 class="which">${instance.name}</h3>`}${renderLanes(instance, hosts, now, SPANS[span]!)}`)}
<ul class="key" aria-label="Key">${['MASTER', 'BACKUP', 'FAULT', 'INIT, STOP'].map(
    (state) =>
      html`<li class="${stateClass(state)}"><span class="patch" aria-hidden="true"></span>${state}</li>`,
  )}<li><span class="pin" aria-hidden="true"></span>takeover</li></ul></section>`;
}

function renderLanes(
  instance: InstanceStatus,
  hosts: readonly DrawnHost[],
  now: number,
  span: number,
): Markup {
  const from = now - span;
  const height = hosts.length * LANE + 22;
  const x = (at: number): string => `${(((at - from) / span) * 100).toFixed(3)}%`;
  const axis = hosts.length * LANE;
  const marks = ticks(from, now, 7);
  const lanes = hosts.map((host, index) => renderLane(host, instance, [from, now], x, index * LANE));
  return html`<svg class="timeline" width="100%" height="${height}" role="img" aria-label="${describe(instance, hosts, [from, now])}">
${marks.map(
  (at, index) => html`<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${axis}"/>
<text class="time${index % 2 === 1 ? ' minor' : ''}${at - from < span * 0.04 ? ' first' : at - from > span * 0.96 ? ' last' : ''}" x="${x(at)}" y="${axis + 15}">${span > SPANS['24h']! ? day(at) : hours(at)}</text>`,
)}
${lanes}</svg>`;
}

function renderLane(
  host: DrawnHost,
  own: InstanceStatus,
  [from, now]: readonly [number, number],
  x: (at: number) => string,
  y: number,
): Markup {
  const { label, clockAhead, heardAt, status } = host;
  const told = historyOf(host, own);
  const until = status === null ? (heardAt ?? from) : now;
  const bands = told === undefined ? [] : bandsOf(told.transitions, clockAhead, until, [from, now]);
  const top = y + LABEL;
  const width = (a: number, b: number): string => `${(((b - a) / (now - from)) * 100).toFixed(3)}%`;
  return html`<text class="lane" x="0" y="${y + 14}">${label}</text>
<rect class="track" x="0" y="${top}" width="100%" height="${BAND}" rx="4"/>
${bands.map((band) => renderBand(band, x, width, top, now, (band.to - band.from) / (now - from)))}
${
  status === null
    ? html`<g class="lost"><rect class="unknown" x="${x(until)}" y="${top}" width="${width(until, now)}" height="${BAND}"/>${
        now - until > (now - from) * ROOM_ON_A_PHONE &&
        html`<text x="${x((until + now) / 2)}" y="${top + 17}">no answer</text>`
      }</g>`
    : null
}
${(told?.takeovers ?? [])
  .map(({ at, ms }) => ({ at: Date.parse(at) - clockAhead, ms }))
  .filter(({ at }) => at >= from && at <= now)
  .map(
    ({ at, ms }) =>
      html`<g class="takeover"><title>${clock(at)}: took over in ${milliseconds(ms)}</title><line x1="${x(at)}" x2="${x(at)}" y1="${top - 3}" y2="${top + BAND}"/><circle cx="${x(at)}" cy="${top - 4}" r="3.5"/></g>`,
  )}`;
}

function renderBand(
  { from, to, state, reason, detail }: Band,
  x: (at: number) => string,
  width: (a: number, b: number) => string,
  top: number,
  now: number,
  part: number,
): Markup {
  const middle = (kind: string, said: string): Markup =>
    html`<text class="${kind}" x="${x((from + to) / 2)}" y="${top + 17}">${said}</text>`;
  const why = `${reasonInWords(reason)}${detail === '' ? '' : ` (${detail})`}`;
  return html`<g class="band ${stateClass(state)}${part < THIN ? ' thin' : ''}"><title>${state} from ${moment(from, now)} for ${duration(to - from)}: ${why}</title>
<rect x="${x(from)}" y="${top}" width="${width(from, to)}" height="${BAND}"/>${
    part > ROOM && middle(part > ROOM_ON_A_PHONE ? '' : 'tight', `${stateSign(state)} ${state}`)
  }${
    part > ROOM_FOR_A_SIGN &&
    part <= ROOM_ON_A_PHONE &&
    middle(part > ROOM ? 'brief phone' : 'brief', stateSign(state))
  }</g>`;
}

/** The instance of a host that is the same virtual router as ours, in what that host has told of its past. */
function historyOf({ history, status, address }: DrawnHost, own: InstanceStatus) {
  const name =
    address === null
      ? own.name
      : (status?.instances.find(({ virtual_router_id: vrid }) => vrid === own.virtual_router_id)?.name ??
        own.name);
  return history?.instances.find((each) => each.name === name);
}

function describe(
  instance: InstanceStatus,
  hosts: readonly DrawnHost[],
  [from, now]: readonly [number, number],
): string {
  const lines = hosts.map((host) => {
    const bands = bandsOf(historyOf(host, instance)?.transitions ?? [], host.clockAhead, now, [from, now]);
    const last = bands.at(-1);
    const changes = `${Math.max(0, bands.length - 1)} changes`;
    return `${host.label}: ${changes}, ${last === undefined ? 'nothing known' : `${last.state} now`}`;
  });
  return `${instance.name}, the last ${duration(now - from)}. ${lines.join('. ')}`;
}
