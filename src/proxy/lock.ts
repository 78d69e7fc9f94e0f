/**
 * A key whose outcome is being decided on the authority is locked: no other write of it is taken in until the outcome is
 * on its way to the other copy, so that both copies see the writes of a key in one order. Reads go on.
 */
import type { Client, Lock, ProxyState } from './types.ts';

/** The name of the key `buffer[start..end)` among the locks. */
export function lockName(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('latin1', start, end);
}

/**
 * Every write of a key asks this first. When the key is locked: stalls the client until it is free, and answers true; its
 * request must stay in its input. Else the write goes ahead, and a refill learns that what it read of the key is old.
 */
export function waitForKey(client: Client, name: string): boolean {
  const { locks, refills } = client.proxy;
  const lock = locks.size === 0 ? undefined : locks.get(name);
  if (lock === undefined) {
    refills.underWay.write(name);
    return false;
  }
  client.proxy.counters.blocked++;
  client.stalled = true;
  client.blocked = true;
  lock.waiters.push(client.resume);
  return true;
}

/** Locks a key that is free. */
export function lockKey(proxy: ProxyState, name: string): Lock {
  if (proxy.locks.has(name)) throw new Error('the key is locked already');
  const lock: Lock = { voided: false, waiters: [] };
  proxy.locks.set(name, lock);
  return lock;
}

/** Frees a key and lets those who wait have it, one after the other, until one of them locks it again. */
export function unlockKey(proxy: ProxyState, name: string): void {
  const lock = proxy.locks.get(name);
  if (lock === undefined) throw new Error('the key is not locked');
  proxy.locks.delete(name);
  for (let index = 0; index < lock.waiters.length; index++) {
    lock.waiters[index]!();
    const again = proxy.locks.get(name);
    if (again === undefined) continue;
    // Those who came later still wait behind these.
    again.waiters.unshift(...lock.waiters.slice(index + 1));
    return;
  }
}
