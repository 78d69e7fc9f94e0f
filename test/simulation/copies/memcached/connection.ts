/**
 * One connection's requests, cut out of its bytes and carried out in order. The answers of a batch leave together. Knows
 * nothing of sockets.
 */
import { metaCommand } from './meta.ts';
import type { Session } from './session.ts';
import { dataLength, textCommand } from './text.ts';

export interface RequestReader {
  /** Takes more bytes (latin1) in; carries out what is whole, `limit` requests at most. */
  take(text: string, limit: number): void;
  /** A metadump is under way: nothing is carried out. */
  blocked: boolean;
}

/** `before` is told each command before it is carried out. */
export function createRequestReader(
  session: Session,
  before: (command: string, argument: string | undefined) => void,
): RequestReader {
  let input = '';
  const reader: RequestReader = {
    blocked: false,
    take(text, limit) {
      input = input === '' ? text : input + text;
      let position = 0;
      let left = limit;
      while (!reader.blocked && left-- > 0) {
        const newline = input.indexOf('\n', position);
        if (newline === -1) break;
        const lineEnd = input.charCodeAt(newline - 1) === 13 ? newline - 1 : newline;
        const tokens = input.slice(position, lineEnd).split(' ');
        const length = dataLength(tokens);
        const end = newline + 1 + (length < 0 ? 0 : length + 2);
        if (end > input.length) break;
        before(tokens[0]!, tokens[1]);
        const data = length < 0 ? '' : input.slice(newline + 1, end);
        if (tokens[0]!.length === 2) metaCommand(session, tokens, data);
        else textCommand(session, tokens, data);
        position = end;
      }
      input = input.slice(position);
    },
  };
  return reader;
}
