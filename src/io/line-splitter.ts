/** Lines out of a stream of text, each with a bound: a program that floods one line costs no memory. */

/** Longest line that is kept; the rest of it is dropped. */
const LONGEST_LINE = 2_000;

/** Returns a function that takes chunks of text and calls `onLine` for each whole line that is not empty. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!.slice(0, LONGEST_LINE);
    for (const part of parts) {
      const line = part.trimEnd().slice(0, LONGEST_LINE);
      if (line !== '') onLine(line);
    }
  };
}
