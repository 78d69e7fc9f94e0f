/** `memcache-ha sync`: two connections, one refill, and what is told of it. */
import { formatEndpoint } from '../config/endpoint.ts';
import { GENERATION_KEY } from '../core/generation.ts';
import type { Stats } from '../core/memcached-stats.ts';
import { decodeReplies, encodePresence } from './batch.ts';
import { parseSyncOptions, type SyncOptions, USAGE } from './options.ts';
import { createPeer } from './peer.ts';
import type { Clock, Peer } from './ports.ts';
import { startRefill } from './refill.ts';
import type { Outcome, Progress, Refill } from './refill-types.ts';
import { tcpDial } from './tcp.ts';
import { askFacts, type Facts, stat, whyUnfit } from './watch.ts';
import { isWhole, NOT_GUARANTEED, progressLine, summary } from './words.ts';

const BAR_INTERVAL = 200;
const LINE_INTERVAL = 5_000;
const CLEAR_LINE = '\r\x1b[K';

/** Exit 0 when everything that the target can hold was copied, 1 when not, 2 for bad usage. */
export async function runSync(argv: readonly string[], clock: Clock): Promise<number> {
  const parsed = parseSyncOptions(argv);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'wrong':
      say(`${parsed.reason}\n${USAGE.slice(0, USAGE.indexOf('\n'))}`);
      return 2;
    case 'options':
      return sync(parsed.options, clock);
  }
}

function say(message: string): void {
  process.stderr.write(`memcache-ha sync: ${message}\n`);
}

async function sync(options: SyncOptions, clock: Clock): Promise<number> {
  const from = formatEndpoint(options.from);
  const to = formatEndpoint(options.to);
  const dial = tcpDial(options.from);
  const source = { ...createPeer(from, dial, clock), dial };
  const target = createPeer(to, tcpDial(options.to), clock);
  try {
    const facts = await new Promise<Facts | string>((resolve) =>
      askFacts(source, target, resolve, ({ peer, reason }) =>
        resolve(`${peer} ${peer === 'source' ? from : to}: ${reason}`),
      ),
    );
    if (typeof facts === 'string') {
      say(facts);
      return 1;
    }
    if (isSameServer(facts)) {
      say(`${from} and ${to} are the same memcached`);
      return 2;
    }
    if (whyUnfit(facts.target) === null && (await hasGeneration(target))) {
      say(
        `${to} is a copy behind memcache-ha's proxy, which fills it by itself: what is added by hand may be old`,
      );
    }
    const outcome = await copy(options, source, target, clock, stat(facts.target, 'time'));
    return tell(outcome, from, to);
  } finally {
    source.close();
    target.close();
  }
}

/** Whether a proxy keeps a generation there; no when it cannot be asked, which whatever is asked next will tell. */
function hasGeneration(peer: Peer): Promise<boolean> {
  return new Promise((resolve) => {
    peer.exchange(
      encodePresence([GENERATION_KEY]),
      (buffer, start, end) => {
        let found = false;
        decodeReplies(buffer, start, end, ({ kind }) => {
          found ||= kind === 'found';
        });
        resolve(found);
      },
      () => resolve(false),
    );
  });
}

/**
 * The same process, born in the same second, whose connections were counted on: two containers may well have the process
 * number 1 and have been started together.
 */
function isSameServer({ source, target }: Facts): boolean {
  const born = (stats: Stats): number => stat(stats, 'time') - stat(stats, 'uptime');
  const connections = stat(target, 'total_connections') - stat(source, 'total_connections');
  return (
    source.get('pid') === target.get('pid') &&
    Math.abs(born(source) - born(target)) <= 1 &&
    connections >= 0 &&
    connections <= 100
  );
}

function copy(
  { rate }: SyncOptions,
  source: Parameters<typeof startRefill>[0]['source'],
  target: Parameters<typeof startRefill>[0]['target'],
  clock: Clock,
  targetSeconds: number,
): Promise<Outcome> {
  const startedAt = clock.now();
  const bar = process.stderr.isTTY === true;
  let lastLine = '';
  const show = (progress: Progress): void => {
    const line = progressLine(progress, bar);
    if (line === lastLine) return;
    lastLine = line;
    process.stderr.write(bar ? `${CLEAR_LINE}${line}` : `${line}\n`);
  };
  return new Promise((resolve) => {
    let refill: Refill | null = null;
    // Once only: a second signal ends the process as it would any other.
    const stop = (signal: NodeJS.Signals): void => refill?.stop(`stopped by ${signal}`);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    refill = startRefill({
      source,
      target,
      clock,
      targetTime: () => targetSeconds + Math.floor((clock.now() - startedAt) / 1000),
      wanted: null,
      clientWrites: null,
      rate,
      onProgress: show,
      progressInterval: bar ? BAR_INTERVAL : LINE_INTERVAL,
      onEnd(outcome) {
        process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
        if (bar) process.stderr.write(CLEAR_LINE);
        resolve(outcome);
      },
    });
  });
}

function tell(outcome: Outcome, from: string, to: string): number {
  const { copied } = outcome.progress;
  if (outcome.kind !== 'failed' || copied > 0) {
    const lines = [...summary(outcome, from, to), ...NOT_GUARANTEED];
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
  switch (outcome.kind) {
    case 'complete':
      return isWhole(outcome) ? 0 : 1;
    case 'stopped':
      say(`${outcome.reason} before the end; run it again to copy the rest`);
      return 1;
    case 'failed':
      say(
        `${outcome.peer} ${outcome.peer === 'source' ? from : to}: ${outcome.reason}` +
          (copied > 0 ? '; run it again to copy the rest' : ''),
      );
      return 1;
  }
}
