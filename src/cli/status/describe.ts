/** The whole answer as a person reads it: what is wrong first, then this host, its peers, and how it came to be so. */
import { problemsOf } from '../../daemon/problems.ts';
import type { PairStatus } from '../../daemon/status.ts';
import { describeCaches } from './caches.ts';
import { ago } from './durations.ts';
import { describeInstance, describeTransitions } from './instance.ts';
import type { Paint } from './paint.ts';
import { describePeer } from './peer.ts';

/** `now` in ms since the epoch. */
export function describe(said: PairStatus, now: number, paint: Paint): string {
  const status = clean(said);
  const { version, router_id, pid, started, instances, peers } = status;
  const problems = problemsOf(status, now).map(({ severity, host, text }) => {
    const mark = severity === 'bad' ? paint.bad('!!') : paint.warning(' !');
    return `${mark} ${host === null || peers.length === 0 ? '' : `${host}: `}${text}`;
  });
  const blocks = [
    [`memcache-ha ${version}, router ${router_id}, pid ${pid}, up ${ago(started, now)}`, ...problems],
    ...instances.map((instance) => describeInstance(instance, now, paint)),
    describeCaches(status, paint),
    ...peers.map((peer) => describePeer(peer, now, paint)),
    ...instances
      .filter(({ transitions }) => transitions.length > 0)
      .map((instance) => [
        `${paint.strong(instance.name)}, its last transitions`,
        ...describeTransitions(instance, now, paint),
      ]),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join(''))
    .join('\n');
}

/** A peer or a script may bring signs that a terminal would obey. */
function clean<T>(value: T): T {
  if (typeof value === 'string') {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    return value.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '\uFFFD') as T;
  }
  if (Array.isArray(value)) return value.map(clean) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clean(each)])) as T;
}
