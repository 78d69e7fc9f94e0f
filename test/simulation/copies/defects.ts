/**
 * Pairs that are broken on purpose, to prove that the checkers can fail. Each breaks what the proxy sees or what it is seen
 * to do, not the proxy itself, so that it breaks whatever proxy is tested in the same way.
 */
import { GENERATION_KEY } from '../../../src/core/generation.ts';
import type { Prng } from '../prng.ts';
import type { Host } from './history.ts';
import { createStore, type Store } from './memcached/store.ts';
import type { Tampering } from './memcached.ts';

export type Defect =
  /** B says STORED now and then, and stores nothing: as if the write had never been carried to it. */
  | 'forgets to carry'
  /** A answers reads with what B holds, whole or not. */
  | 'reads the other copy'
  /** What was deleted is there again a second later. */
  | 'resurrects'
  /** Both copies always show the same generation, so that none is ever known to be stale. */
  | 'knows no generations'
  /** Some answers never arrive at the client. */
  | 'swallows answers'
  /** The reserved key is shown to clients. */
  | 'shows the reserved key'
  /** A key vanishes from both copies. */
  | 'loses keys'
  /** A value has another one's flags. */
  | 'mixes up flags'
  /** The clocks of both copies stand still. */
  | 'never expires'
  /** What is appended is there twice. */
  | 'appends twice';

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** How the memcached of `host` is broken; `storeOf` is what a host's memcached holds, if it lives. */
export function tamperingFor(
  defect: Defect | null,
  host: Host,
  prng: Prng,
  storeOf: (host: Host) => Store | null,
  shared: Store,
): Tampering {
  switch (defect) {
    case 'forgets to carry':
      return {
        storeFor: (own, command) =>
          host === 'B' && command === 'set' && prng.chance(0.1)
            ? createStore(
                () => 0,
                NO_LIMIT,
                () => {},
              )
            : own,
      };
    case 'reads the other copy':
      return {
        storeFor: (own, command, key) =>
          host === 'A' && (command === 'get' || command === 'gets') && key !== GENERATION_KEY
            ? (storeOf('B') ?? own)
            : own,
      };
    case 'knows no generations':
      return { storeFor: (own, _command, key) => (key === GENERATION_KEY ? shared : own) };
    case 'shows the reserved key':
      return { answer: (answers) => answers.replace(/^VALUE k\d/m, `VALUE ${GENERATION_KEY}`) };
    case 'mixes up flags':
      return { answer: (answers) => answers.replace(/^(VALUE k\d) \d+/m, '$1 7') };
    case 'never expires':
      return { clockStands: true };
    case 'appends twice':
    case 'resurrects':
    case 'swallows answers':
    case 'loses keys':
    case null:
      return {};
  }
}
