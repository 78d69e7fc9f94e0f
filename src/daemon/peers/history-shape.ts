/** What a peer's `/history` looks like, for reading one of another version. */
import type { HostHistory } from '../host-history.ts';
import { conform, type Shape } from './shape.ts';

/** Without the samples, which are pairs and not lists. */
const HISTORY: Shape<Omit<HostHistory, 'memcached'> & { memcached: readonly { name: string }[] }> = {
  fields: {
    now: 'text',
    instances: {
      list: {
        fields: {
          name: 'text',
          transitions: {
            list: { fields: { at: 'text', from: 'text', to: 'text', reason: 'text', detail: 'text' } },
          },
          takeovers: { list: { fields: { at: 'text', ms: 'number' } } },
        },
      },
    },
    memcached: { list: { fields: { name: 'text' } } },
  },
};

/** Samples that are taken from a peer for one memcached. */
const MOST = 1000;

/** The history, with what is missing in it made neutral; null when this is none. */
export function readHistory(answer: unknown): HostHistory | null {
  const { now, memcached } = (answer ?? {}) as Partial<Record<keyof HostHistory, unknown>>;
  if (typeof now !== 'string' || Number.isNaN(Date.parse(now))) return null;
  const given = Array.isArray(memcached) ? memcached : [];
  const history = conform<Omit<HostHistory, 'memcached'>>(HISTORY, answer);
  return {
    ...history,
    memcached: given.filter(isMemcached).map(({ name, probes }) => ({
      name,
      probes: (Array.isArray(probes) ? probes : []).slice(-MOST).filter(isSample),
    })),
  };
}

function isMemcached(value: unknown): value is { name: string; probes?: unknown } {
  return typeof (value as { name?: unknown } | null)?.name === 'string';
}

function isSample(value: unknown): value is HostHistory['memcached'][number]['probes'][number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [at, ms] = value as unknown[];
  return Number.isFinite(at) && (ms === null || Number.isFinite(ms));
}
