/** A value does not outlive its time to live, not by a refill either. Only for keys that nobody touches. */
import { Violation } from '../../violation.ts';
import { isShort } from '../requests.ts';
import type { Evidence } from './evidence.ts';

/** Each memcached's clock has steps of a second, and a carried time to live is rounded. */
const TOLERANCE_MS = 2500;

export function checkExpired({ history, order }: Evidence): void {
  for (const { operation: read, key, version } of history.readings) {
    const write = history.operations[version.base]!;
    if (!isShort(key) || write.ttl === 0) continue;
    // What a copy stored late lives from then on.
    const over = Math.max(order.end(write), write.lateAt) + write.ttl * 1000 + TOLERANCE_MS;
    if (read.sentAt > over)
      throw new Violation(
        'expired',
        `request #${read.id} was told the value of #${write.id} for ${key}, which lives for ${write.ttl} s`,
      );
  }
}
