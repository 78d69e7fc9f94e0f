/** What meta requests and their answers have in common: flags put together again, and CAS numbers as the client sees them. */
import { tagCas, untagCas } from './cas.ts';
import type { MetaFlags } from './meta-flags.ts';
import { enqueueOp, settle, settleWith } from './output.ts';
import type { Client, Mute, Op, Render } from './types.ts';
import { newOp } from './types.ts';

/** An op in its client's queue, with the mute that q asks for and CAS numbers rewritten where c asks for them. */
export function metaOp(client: Client, flags: MetaFlags, mute: Mute, isSet = false, keys = 1): Op {
  const op = newOp(client);
  op.keys = keys;
  if (flags.quiet) op.mute = mute;
  if (flags.has.has('c')) op.render = renderWithCas;
  if (flags.words.includes('k') && isOddKey(flags.key)) op.render = renderWithKey(flags, isSet);
  enqueueOp(client, op);
  return op;
}

/** Rewrites the CAS number in a meta answer, if there is one. */
export const renderWithCas: Render = (op, backend, buffer, start, end) => {
  const lineEnd = buffer.indexOf(10, start) + 1;
  const words = buffer.toString('latin1', start, lineEnd - 2).split(' ');
  const index = words.findIndex((word, position) => position > 0 && word[0] === 'c');
  if (index === -1 || words[0]!.length !== 2) {
    settle(op, buffer, start, end);
    return;
  }
  words[index] = `c${tagCas(words[index]!.slice(1), backend.tag)}`;
  const line = Buffer.from(`${words.join(' ')}\r\n`, 'latin1');
  settleWith(op, lineEnd === end ? line : Buffer.concat([line, buffer.subarray(lineEnd, end)]));
};

/** Bytes of a key that would break a text answer apart. */
export function isOddKey(key: string): boolean {
  return key.includes('\n') || key.includes(' ') || key.includes('\0');
}

/** Flags that put a word into the answer: of mg and ma that found something, and of everything else. */
const FOUND_WORDS = 'stcflhOk';
const OTHER_WORDS = 'Ok';

/**
 * memcached 1.6.18 sends back the raw key of an item that mg or ma created under a base64 key, newlines and all. So k is
 * never asked of it for such a key, and put in here where it belongs: behind the words of the flags before it.
 */
function renderWithKey(flags: MetaFlags, isSet: boolean): Render {
  const text = `k${Buffer.from(flags.key, 'latin1').toString('base64')} b`;
  return (op, backend, buffer, start, end) => {
    const lineEnd = buffer.indexOf(10, start) + 1;
    const words = buffer.toString('latin1', start, lineEnd - 2).split(' ');
    const status = words[0]!;
    if (status.length === 2) {
      const found = !isSet && (status === 'HD' || status === 'VA');
      const letters = found ? FOUND_WORDS : isSet ? `${OTHER_WORDS}c` : OTHER_WORDS;
      const before = flags.words
        .slice(0, flags.words.indexOf('k'))
        .filter((word) => letters.includes(word[0]!));
      words.splice((status === 'VA' ? 2 : 1) + before.length, 0, text);
    }
    const line = Buffer.from(`${words.join(' ')}\r\n`, 'latin1');
    const whole = Buffer.concat([line, buffer.subarray(lineEnd, end)]);
    if (flags.has.has('c')) renderWithCas(op, backend, whole, 0, whole.length);
    else settleWith(op, whole);
  };
}

/** The flags of `letters` as a command's tail. */
export function only(flags: MetaFlags, letters: string): string {
  return flags.words
    .filter((word) => letters.includes(word[0]!))
    .map((word) => ` ${word}`)
    .join('');
}

/** All flags, with the CAS number as the backend with `tag` counts. */
export function allFlags(flags: MetaFlags, tag: number): string {
  const words = isOddKey(flags.key) ? flags.words.filter((word) => word[0] !== 'k') : flags.words;
  return words.map((word) => (word[0] === 'C' ? ` C${untagCas(flags.cas!, tag)}` : ` ${word}`)).join('');
}
