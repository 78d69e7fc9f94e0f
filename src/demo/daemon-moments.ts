/** Reads a daemon's log (pino's JSON lines) and picks out what belongs in the timeline. Pure. */
import type { Kind, Moment } from './moment.ts';
import { type Label, masterDownInterval, PROXY_PORT, skewTime, VIP } from './settings.ts';

interface LogLine {
  readonly time: string;
  readonly msg: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly memcached?: string;
  /** The other host's memcached, which the line is about instead. */
  readonly peer?: string;
  readonly status?: string;
  readonly proxy?: string;
  readonly hook?: string;
  readonly result?: string;
  readonly ms?: number;
}

/** A log's time has whole milliseconds: what happened lies in the middle of one. */
const HALF = 0.5;

/**
 * The moment that a line of the log tells of; null when it tells of none that belongs here.
 * @param clocksApart wall clock minus monotonic clock, in ms
 */
export function daemonMoment(label: Label, text: string, clocksApart: number): Moment | null {
  const line = parse(text);
  if (line === null) return null;
  const seen = pick(label, line);
  if (seen === null) return null;
  return { t: Date.parse(line.time) + HALF - clocksApart, witness: label, ...seen };
}

type Seen = Pick<Moment, 'kind' | 'text' | 'waited'>;

function pick(label: Label, line: LogLine): Seen | null {
  const { msg, hook, to, memcached, proxy } = line;
  if (hook !== undefined) return { kind: 'hook', text: `hook ${hook} ran: ${line.result}, ${line.ms} ms` };
  if (to !== undefined && line.from !== undefined && line.reason !== undefined)
    return transition(label, line);
  if (line.peer !== undefined) return null;
  if (memcached !== undefined && line.status === 'down') {
    return { kind: 'memcached-down', text: `its probe of memcached: ${msg.replace(/^.* is down: /, '')}` };
  }
  if (memcached !== undefined && line.status === 'up') {
    return { kind: 'memcached-up', text: 'memcached answers its probe' };
  }
  if (proxy !== undefined) return ofProxy(line);
  if (msg === 'SIGTERM received') return { kind: 'stopping', text: 'SIGTERM received' };
  return null;
}

const KIND_OF_STATE: Readonly<Record<string, Kind>> = {
  MASTER: 'master',
  BACKUP: 'backup',
  FAULT: 'fault',
  STOP: 'stop',
};

/** What a MASTER becomes that resigns while it can still serve. */
const MAKE_BEFORE_BREAK: ReadonlySet<string> = new Set(['FAULT', 'STOP']);

function transition(label: Label, { from = '', to = '', reason = '' }: LogLine): Seen | null {
  const kind = KIND_OF_STATE[to];
  if (kind === undefined) return null;
  const keeps =
    from === 'MASTER' && MAKE_BEFORE_BREAK.has(to) ? ' (keeps the VIP until a new MASTER is heard)' : '';
  const waited = waitedFor(label, reason);
  return { kind, text: `${from} -> ${to}: ${reason}${keeps}`, ...(waited === null ? {} : { waited }) };
}

/** Why a BACKUP became MASTER no sooner. */
function waitedFor(label: Label, reason: string): string | null {
  switch (reason) {
    case 'master_resigned':
      return `${label} waits its Skew_Time, ${skewTime(label)} ms`;
    case 'master_down':
      return `${label} waits its Master_Down_Interval, ${masterDownInterval(label)} ms without an advertisement`;
    case 'preempt':
      return `${label} waits its Master_Down_Interval, ${masterDownInterval(label)} ms`;
    default:
      return null;
  }
}

function ofProxy({ msg, ms }: LogLine): Seen | null {
  if (/ listens on /.test(msg)) {
    return {
      kind: 'proxy-listens',
      text: `sees the proxy listen on ${VIP}:${PROXY_PORT}, ${ms} ms after its start`,
    };
  }
  const died = / died \((.*)\), (.*)$/.exec(msg);
  if (died) return { kind: 'proxy-died', text: `the proxy died (${died[1]}), ${died[2]}` };
  if (/ stopped$/.test(msg)) return { kind: 'proxy-stopped', text: 'the proxy has stopped' };
  return null;
}

function parse(text: string): LogLine | null {
  try {
    const line = JSON.parse(text) as Partial<LogLine> | null;
    return typeof line?.msg === 'string' && typeof line.time === 'string' ? (line as LogLine) : null;
  } catch {
    return null;
  }
}
