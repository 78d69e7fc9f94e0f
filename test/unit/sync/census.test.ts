import { describe, expect, it } from 'vitest';
import { shortfall, takeCensus } from '../../../src/sync/census.ts';

describe('what a list of keys lacks', () => {
  const cases: [
    what: string,
    keys: number,
    before: [number, number],
    after: [number, number],
    lacks: number,
  ][] = [
    ['nothing, when it has all', 300, [300, 0], [300, 0], 0],
    ['what it did not list', 119, [300, 0], [300, 0], 181],
    ['all, when it is empty', 0, [300, 7], [300, 7], 300],
    ['nothing, of an empty memcached', 0, [0, 0], [0, 0], 0],
    ['nothing, when items left meanwhile', 290, [300, 5], [290, 15], -10],
    ['nothing, when as many came as left', 290, [300, 5], [300, 15], 0],
    ['nothing, when items came behind it', 300, [300, 0], [350, 0], 0],
    ['some, when fewer left than it lacks', 250, [300, 0], [300, 20], 30],
    ['nothing, when one in 100 000 was taken for another', 999_990, [1_000_000, 0], [1_000_000, 0], 0],
    ['some, when it is more than that', 999_000, [1_000_000, 0], [1_000_000, 0], 990],
  ];
  it.each(cases)('is %s', (_, keys, [items, gone], [itemsAfter, goneAfter], lacks) => {
    const listing = { keys, before: { items, gone }, after: { items: itemsAfter, gone: goneAfter } };
    expect(shortfall(listing)).toBe(lacks);
  });

  it('is reckoned with what memcached says of items that left it', () => {
    const stats = new Map(
      Object.entries({
        curr_items: '42',
        delete_hits: '1',
        get_expired: '20',
        reclaimed: '300',
        crawler_reclaimed: '4000',
        evictions: '50000',
        delete_misses: '9',
      }),
    );
    expect(takeCensus(stats)).toEqual({ items: 42, gone: 54_321 });
    expect(takeCensus(new Map())).toEqual({ items: 0, gone: 0 });
  });
});
