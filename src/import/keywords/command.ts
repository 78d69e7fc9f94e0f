/** Commands: keepalived splits the line for the command, and the command for its words. */
import { splitCommand } from '../../config/command-words.ts';
import { type Collection, list } from '../model.ts';
import type { Statement } from '../read/tree.ts';
import { splitQuoted } from '../read/words.ts';
import { lossOf, originOf } from './origin.ts';
import type { Convert } from './treatment.ts';

/** The words of a statement's command, and the user that stands behind it. */
export interface ParsedCommand {
  readonly text: string;
  readonly words: readonly string[];
  readonly user: readonly string[];
}

/** Null when there is none or a quote is not closed. */
export function parseCommand(statement: Statement): ParsedCommand | null {
  const [, text, ...user] = splitQuoted(statement.raw, 'keep') ?? [];
  const words = text === undefined ? null : splitQuoted(text, 'resolve');
  if (text === undefined || words === null || words.length === 0 || words[0] === '') return null;
  return { text, words, user };
}

/** One string where our splitter reads the same words in it, else the list of them. */
export const command: Convert = (statement, context) => {
  const parsed = parseCommand(statement);
  if (parsed === null) return { ok: false, reason: 'is no command that keepalived could read' };
  const { text, user } = parsed;
  const losses =
    user.length === 0 || (user.length === 1 && user[0] === context.scriptUser)
      ? []
      : [lossOf(statement, `runs as script_user, not as ${user.join(' ')}`)];
  // bash's own way to open a connection; keepalived hands it to a shell.
  const words = text.startsWith('</dev/tcp/') ? ['bash', '-c', text] : parsed.words;
  return { ok: true, value: commandValue(text, words, statement), losses };
};

/** `process NAME [PARAMETER]...`, where a quoted name may hold spaces. */
export const program: Convert = (statement) => {
  const [, ...words] = statement.words;
  if (words.length === 0) return { ok: false, reason: 'has no value' };
  return { ok: true, value: commandValue(words.join(' '), words, statement) };
};

function commandValue(text: string, words: readonly string[], statement: Statement): string | Collection {
  const again = splitCommand(text);
  if (again.ok && again.value.join('\0') === words.join('\0')) return text;
  const origin = originOf(statement);
  return list(words.map((value) => ({ key: null, value, origin })));
}
