/** The command line of `memcache-ha drill`, checked. Pure: files and hosts are looked at elsewhere. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { formatEndpoint, parseEndpoint } from '../config/endpoint.ts';
import { FAULTS, type FaultName } from './faults.ts';

export const USAGE = `memcache-ha drill ${FAULTS.join('|')}
  [--yes] [--report FILE.json|.html|.svg] [--max-outage SECONDS] [--timeout SECONDS] [--instance NAME]
  [--peer URL] [--blind] [--restart COMMAND] [--target ADDRESS:PORT] [--control PATH]`;

export type ReportFormat = 'json' | 'html' | 'svg';

export interface DrillOptions {
  readonly fault: FaultName;
  readonly control: string;
  /** Null: the only one. */
  readonly instance: string | null;
  /** Do not ask. */
  readonly yes: boolean;
  readonly report: { readonly file: string; readonly format: ReportFormat } | null;
  /** Milliseconds that clients may be without an answer; null: no matter how long. */
  readonly maxOutage: number | null;
  /** Milliseconds for each of: what the fault is to cause, and both hosts being well again. */
  readonly timeout: number;
  /** Where the other hosts' status is; empty: where the daemon knows them. */
  readonly peers: readonly URL[];
  /** Go on without seeing the other hosts. */
  readonly blind: boolean;
  /** A shell command that starts what the drill ended; null: systemd or the daemon does it. */
  readonly restart: string | null;
  /** Where the client asks; null: found from the instance. */
  readonly target: string | null;
}

const OPTIONS = {
  yes: { type: 'boolean', default: false },
  blind: { type: 'boolean', default: false },
  report: { type: 'string' },
  'max-outage': { type: 'string' },
  timeout: { type: 'string', default: '60' },
  instance: { type: 'string' },
  peer: { type: 'string', multiple: true, default: [] as string[] },
  restart: { type: 'string' },
  target: { type: 'string' },
  control: { type: 'string' },
} as const;

/** The options, or what is wrong with them; `control` is where the daemon is asked unless it is said. */
export function parseDrillOptions(
  argv: readonly string[],
  control: string,
): DrillOptions | { readonly mistake: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    const [fault, ...more] = positionals;
    if (more.length > 0) throw new Error(`one fault at a time, not ${positionals.join(' and ')}`);
    return {
      fault: faultName(fault),
      control: values.control ?? control,
      instance: values.instance ?? null,
      yes: values.yes,
      report: values.report === undefined ? null : reportFile(values.report),
      maxOutage:
        values['max-outage'] === undefined ? null : seconds('max-outage', values['max-outage'], 0.001, 3600),
      timeout: seconds('timeout', values.timeout, 5, 3000),
      peers: values.peer.map(peerUrl),
      blind: values.blind,
      restart: values.restart ?? null,
      target: values.target === undefined ? null : targetOf(values.target),
    };
  } catch (error) {
    return { mistake: (error as Error).message };
  }
}

function faultName(word: string | undefined): FaultName {
  const found = FAULTS.find((fault) => fault === word);
  if (found !== undefined) return found;
  const choice = `one of ${FAULTS.join(', ')}`;
  throw new Error(word === undefined ? `which fault? ${choice}` : `there is no fault ${word}, but ${choice}`);
}

function reportFile(file: string): { file: string; format: ReportFormat } {
  const format = /\.(json|html|svg)$/i.exec(file)?.[1]?.toLowerCase();
  if (format === undefined) throw new Error(`--report ${file}: must end in .json, .html or .svg`);
  return { file, format: format as ReportFormat };
}

/** Milliseconds. */
function seconds(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`--${name} wants seconds from ${least} to ${most}, not ${text}`);
  }
  return value * 1000;
}

/** Where metrics listen unless a config says otherwise. */
const METRICS_PORT = 9650;

/** `HOST` or `HOST:PORT` will do for `http://HOST:PORT/status`. */
function peerUrl(text: string): URL {
  const endpoint = parseEndpoint(text, METRICS_PORT);
  try {
    const url = new URL(endpoint.ok ? `http://${formatEndpoint(endpoint.value)}/status` : text);
    if (url.protocol === 'http:') return url;
  } catch {
    // it is no URL
  }
  throw new Error(`--peer wants HOST:PORT or http://HOST:PORT/status of its metrics listener, not ${text}`);
}

function targetOf(text: string): string {
  const { value } = mustParse(parseEndpoint(text, null));
  if (isIP(value.host) === 0) throw new Error(`--target wants ADDRESS:PORT, not ${text}`);
  return formatEndpoint(value);
}

function mustParse<T>(parsed: { ok: true; value: T } | { ok: false; reason: string }) {
  if (!parsed.ok) throw new Error(`--target ${parsed.reason}`);
  return parsed;
}
