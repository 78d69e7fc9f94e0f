/** What meta requests and their answers have in common: flags put together again, and CAS numbers as the client sees them. */
import { tagCas, untagCas } from './cas.ts';
import type { MetaFlags } from './meta-flags.ts';
import { enqueueOp, settle, settleWith } from './output.ts';
import type { Client, Mute, Op, Render } from './types.ts';
import { newOp } from './types.ts';

/** An op in its client's queue, with the mute that q asks for and CAS numbers rewritten where c asks for them. */
export function metaOp(client: Client, flags: MetaFlags, mute: Mute, keys = 1): Op {
  const op = newOp(client);
  op.keys = keys;
  if (flags.quiet) op.mute = mute;
  if (flags.has.has('c')) op.render = renderWithCas;
  enqueueOp(client, op);
  return op;
}

const renderWithCas: Render = (op, backend, buffer, start, end) => {
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

/** The flags of `letters` as a command's tail. */
export function only(flags: MetaFlags, letters: string): string {
  return flags.words
    .filter((word) => letters.includes(word[0]!))
    .map((word) => ` ${word}`)
    .join('');
}

/** All flags, with the CAS number as the backend with `tag` counts. */
export function allFlags(flags: MetaFlags, tag: number): string {
  return flags.words
    .map((word) => (word[0] === 'C' ? ` C${untagCas(flags.cas!, tag)}` : ` ${word}`))
    .join('');
}
