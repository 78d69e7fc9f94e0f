/** Statements of one block to entries, by its table. */

import { lossOf, originOf } from '../keywords/origin.ts';
import type { Context, Table } from '../keywords/treatment.ts';
import { isKnown, type KeyPath } from '../known.ts';
import { append, type Collection, type Entry, isCollection, type Loss, map } from '../model.ts';
import { formatPosition } from '../read/source.ts';
import type { Statement } from '../read/tree.ts';

/** What memcache-ha says of a keyword that its schema does not have. */
export const NOT_YET = 'memcache-ha does not have this keyword';

/** A map with the entries in the order of the table. `path` is where it will stand in the config. */
export function convertBlock(
  statements: readonly Statement[],
  table: Table,
  path: KeyPath,
  context: Context,
): Collection {
  const entries = new Map<string, Entry>();
  const losses: Loss[] = [];
  for (const statement of statements) {
    const [keyword = ''] = statement.words;
    const treatment = table.get(keyword);
    if (treatment === undefined) {
      losses.push(lossOf(statement, 'keepalived has no such keyword here'));
      continue;
    }
    if (treatment.kind === 'absent') losses.push(lossOf(statement, treatment.reason));
    if (treatment.kind === 'absent' || treatment.kind === 'inherent') continue;
    const { convert } = treatment;
    const key = treatment.kind === 'carry' ? treatment.key : keyword;
    const again = treatment.kind === 'carry' ? treatment.again : 'last';
    if (!isKnown([...path, key])) {
      losses.push(lossOf(statement, NOT_YET));
      continue;
    }
    const converted = convert(statement, context);
    if (!converted.ok) {
      losses.push(lossOf(statement, converted.reason));
      continue;
    }
    const { value, remark } = converted;
    append(losses, converted.losses ?? []);
    const earlier = entries.get(key);
    if (earlier !== undefined && again === 'append' && isCollection(earlier.value) && isCollection(value)) {
      append(earlier.value.entries, value.entries);
      continue;
    }
    const entry: Entry = { key, value, origin: originOf(statement), ...(remark !== undefined && { remark }) };
    if (earlier === undefined || again !== 'first') entries.set(key, entry);
    const loser = again === 'first' ? entry : earlier;
    const winner = entries.get(key)!;
    if (earlier !== undefined && loser !== undefined && loser.value !== winner.value) {
      losses.push(overruled(loser, keyword, winner));
    }
  }
  const order = [...table].map(([keyword, treatment]) =>
    treatment.kind === 'carry' ? treatment.key : keyword,
  );
  return map(
    [...entries.values()].sort((a, b) => order.indexOf(a.key!) - order.indexOf(b.key!)),
    losses,
  );
}

function overruled(loser: Entry, keyword: string, winner: Entry): Loss {
  return {
    what: loser.key === 'auth_pass' ? keyword : (loser.origin.text[0] ?? keyword),
    reason: `is overruled on ${formatPosition(winner.origin.at)}, as in keepalived`,
    origin: loser.origin,
  };
}
