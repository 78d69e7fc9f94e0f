/**
 * When everything has been healed and quiet for long enough: both copies hold the same, and nothing is a miss that a copy has
 * held all along which missed nothing itself.
 *
 * Left out are keys whose last writes nobody can order: one without an answer, which may be on one copy only because its
 * proxy died in the middle of it, and two at once through two proxies; until a later write settles the matter.
 */

import { GENERATION_KEY } from '../../../../src/core/generation.ts';
import { Violation } from '../../violation.ts';
import { type History, HOSTS, type Operation, otherHost } from '../history.ts';
import type { Item, Store } from '../memcached/store.ts';
import { isShort } from '../requests.ts';
import { type Evidence, eraAt } from './evidence.ts';
import { aloneSince, heldAt } from './held.ts';

const CHANGES = new Set(['set', 'add', 'replace', 'cas', 'append', 'prepend', 'incr', 'delete', 'touch']);
const CONCERN_ALL = new Set(['flush_all', 'flush later']);
const REMOVES = new Set(['delete', 'flush_all', 'flush later']);
/** What says all about a key, whatever was before. */
const SETTLES = new Set(['set', 'delete', 'flush_all']);
/** The clocks of the copies have steps of a second each. */
const TTL_TOLERANCE_S = 1;

const changesOf = (history: History, key: string): Operation[] =>
  history.operations.filter((one) => CONCERN_ALL.has(one.kind) || (one.key === key && CHANGES.has(one.kind)));

function isDisputed({ history, order }: Evidence, key: string): boolean {
  const changes = changesOf(history, key);
  const settled = (...before: Operation[]): boolean =>
    changes.some(
      (one) =>
        SETTLES.has(one.kind) &&
        (one.outcome === 'done' || one.outcome === 'refused') &&
        before.every((other) => order.precedes(other, one)),
    );
  return changes.some((one) => {
    const isUnheard = one.outcome === 'silent' && one.lateAt > 0;
    const isOpen =
      isUnheard || one.outcome === 'lost' || one.outcome === 'failed' || one.outcome === 'pending';
    if (isOpen) return !settled(one);
    return changes.some(
      (other) =>
        other.host !== one.host &&
        !order.precedes(one, other) &&
        !order.precedes(other, one) &&
        !settled(one, other),
    );
  });
}

function alive(store: Store): Map<string, Item> {
  const found = new Map<string, Item>();
  for (const [key, item] of store.items)
    if (key !== GENERATION_KEY && !store.isDead(item)) found.set(key, item);
  return found;
}

const left = (store: Store, item: Item): number =>
  item.exptime === 0 ? Number.POSITIVE_INFINITY : item.exptime - store.now;

/** Both copies hold the same keys, values, flags and times to live. */
export function checkEqual(evidence: Evidence, stores: readonly [Store, Store]): void {
  const [first, second] = stores;
  const [mine, yours] = [alive(first), alive(second)];
  for (const key of new Set([...mine.keys(), ...yours.keys()])) {
    const [one, other] = [mine.get(key), yours.get(key)];
    // What is about to expire may have done so on one of them.
    const soon = [one, other].some(
      (item, side) => item !== undefined && left(stores[side]!, item) <= 2 * TTL_TOLERANCE_S,
    );
    if (soon || isDisputed(evidence, key)) continue;
    const same =
      one !== undefined &&
      other !== undefined &&
      one.value.trimEnd() === other.value.trimEnd() &&
      one.flags === other.flags &&
      (left(first, one) === left(second, other) ||
        Math.abs(left(first, one) - left(second, other)) <= TTL_TOLERANCE_S);
    if (same) continue;
    const say = (store: Store, item: Item | undefined): string =>
      item === undefined
        ? 'nothing'
        : `${item.value.slice(0, 40)} flags ${item.flags} for ${left(store, item)} s`;
    throw new Violation('unequal', `${key}: A holds ${say(first, one)}, B ${say(second, other)}`);
  }
}

/** What was answered and is on a copy that missed nothing ever since is not a miss at `from` or later. */
export function checkLost(evidence: Evidence, from: number): void {
  const { history, order, eras } = evidence;
  for (const { operation: read, key } of history.misses) {
    if (read.sentAt < from || read.outcome !== 'done') continue;
    if (isShort(key)) continue;
    const changes = changesOf(history, key).filter(({ kind }) => kind !== 'touch');
    const last = changes.findLast(
      (one) => one.kind !== 'flush later' && one.outcome === 'done' && order.precedes(one, read),
    );
    if (last === undefined) continue;
    const removed = changes.some((one) => REMOVES.has(one.kind) && order.end(one) > last.sentAt);
    if (removed) continue;
    const keeper = HOSTS.find((host) => {
      const at = heldAt(evidence, host, last, read.sentAt);
      if (at === null) return false;
      const era = eraAt(evidence, host, at);
      const other = otherHost(host);
      return [...new Set(eras[other].eraOf)].every(
        (otherEra) => aloneSince(evidence, other, otherEra, era) === Number.POSITIVE_INFINITY,
      );
    });
    if (keeper !== undefined)
      throw new Violation(
        'lost',
        `request #${read.id} misses ${key}, though ${keeper} has held ${last.kind} #${last.id} all along`,
      );
  }
}
