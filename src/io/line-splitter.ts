/**
 * Lines out of a stream of text, with bounds in length and in number: a program that floods its output costs no more
 * than the reading of it. It is never left unread, because a program whose output blocks serves nobody.
 */

/** Longest line that is kept; the rest of it is dropped. */
const LONGEST_LINE = 2_000;
/** So many lines are handed over in so many ms; the others are dropped, and told. */
const MOST_LINES = 100;
const WINDOW = 10_000;

/** Returns a function that takes chunks of text and calls `onLine` for each whole line that is not empty. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  let windowEnds = 0;
  let left = 0;
  let dropped = 0;
  /** The text that was dropped last ended within a line: what is left of that line goes too. */
  let withinDropped = false;

  const drop = (text: string): void => {
    dropped += text.length;
    withinDropped = !text.endsWith('\n');
    rest = '';
  };
  const openWindow = (now: number): void => {
    windowEnds = now + WINDOW;
    left = MOST_LINES;
    if (dropped > 0) onLine(`(${dropped} characters in between were left out)`);
    dropped = 0;
  };

  return (chunk) => {
    const now = performance.now();
    if (now >= windowEnds) openWindow(now);
    if (left === 0) return drop(chunk); // without a look at it: a flood is too much to split
    let text = chunk;
    if (withinDropped) {
      const end = chunk.indexOf('\n');
      if (end < 0) return;
      text = chunk.slice(end + 1);
      withinDropped = false;
    }
    const whole = rest + text;
    let start = 0;
    for (let end = whole.indexOf('\n'); end >= 0; end = whole.indexOf('\n', start)) {
      if (left === 0) return drop(whole.slice(start));
      const line = whole.slice(start, Math.min(end, start + LONGEST_LINE)).trimEnd();
      start = end + 1;
      if (line === '') continue;
      left--;
      onLine(line);
    }
    rest = whole.slice(start, start + LONGEST_LINE);
  };
}
