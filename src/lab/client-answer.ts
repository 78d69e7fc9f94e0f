/** What the lab's client makes of the bytes that come back (memcached's text protocol). Pure; keeps nothing. */

/**
 * `right`: the answer that was expected. `miss`: END, the key is not there. `wrong`: another value, an error or noise;
 * `what` is its first line. `partial`: more has to come.
 */
export type Verdict =
  | { readonly kind: 'right' | 'miss' | 'partial' }
  | { readonly kind: 'wrong'; readonly what: string };

/** An answer's first line is never longer (a key has at most 250 bytes). */
const LONGEST_LINE = 2048;

/** Judges the answer to `get KEY`: right is exactly `VALUE KEY 0 LENGTH`, the value and END, byte for byte. */
export function judgeGet(received: Buffer, key: string, value: Buffer): Verdict {
  const expected = Buffer.concat([
    Buffer.from(`VALUE ${key} 0 ${value.length}\r\n`),
    value,
    Buffer.from('\r\nEND\r\n'),
  ]);
  if (received.equals(expected)) return { kind: 'right' };
  const line = firstLine(received);
  if (line === null) return unfinished(received);
  if (line === 'END')
    return received.length === 5 ? { kind: 'miss' } : { kind: 'wrong', what: 'END and more' };
  const length = /^VALUE \S+ \d+ (\d+)(?: \d+)?$/.exec(line)?.[1];
  if (length === undefined) return { kind: 'wrong', what: line };
  const complete = line.length + 2 + Number(length) + '\r\nEND\r\n'.length;
  if (received.length < complete) return { kind: 'partial' };
  return {
    kind: 'wrong',
    what: received.length > complete ? `${line} and more` : `${line} with another value`,
  };
}

/** Judges the answer to `set`: right is STORED. */
export function judgeSet(received: Buffer): Verdict {
  const line = firstLine(received);
  if (line === null) return unfinished(received);
  return line === 'STORED' ? { kind: 'right' } : { kind: 'wrong', what: `set: ${line}` };
}

function firstLine(received: Buffer): string | null {
  const end = received.indexOf('\r\n');
  return end < 0 ? null : received.toString('latin1', 0, end);
}

function unfinished(received: Buffer): Verdict {
  return received.length > LONGEST_LINE ? { kind: 'wrong', what: 'noise' } : { kind: 'partial' };
}
