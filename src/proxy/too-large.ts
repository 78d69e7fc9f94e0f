/** What memcached does with the old value when a new one is too large: it goes, so that nobody takes it for the new one. */
import { keyToken } from '../core/memcached-key.ts';
import type { Pair } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

/** Deletes the raw key `key` from both copies; nobody waits for the answer. The key must be free. */
export function removeTooLarge(pair: Pair, key: string): void {
  writeBoth(newOp(null), pair, { shape: 'line', line: `md ${keyToken(key)}\r\n`, value: null, key: null });
}
