/** Statements as origins and losses: how a statement is quoted in messages and comments. */
import type { Loss, Origin } from '../model.ts';
import { formatStatement, type Statement } from '../read/tree.ts';

/** A block longer than this is cut in comments; the operator still has the file. */
const MOST_LINES = 40;
const LONGEST = 100;

export function originOf(statement: Statement): Origin {
  return { at: statement.at, text: formatStatement(statement, MOST_LINES) };
}

export function lossOf(statement: Statement, reason: string): Loss {
  return { what: title(statement), reason, origin: originOf(statement) };
}

// A password stands in the config, but in no message.
function title({ words, raw, block }: Statement): string {
  const [keyword = '{'] = words;
  const text = /^(?:auth_pass|key)$/.test(keyword) ? keyword : raw;
  const line = block === null ? text : `${text} {`;
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}
