/** Patterns of an include, as glob(3) with braces understands them. Pure: which files there are is the caller's to know. */

const MOST_ALTERNATIVES = 256;

/** True when the text has a character that means more than itself. */
export function isPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** `{a,b}` written out: `x{a,b{c,d}}` is `xa`, `xbc`, `xbd`. A brace without its partner stays as it is. */
export function expandBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0 && done.length + open.length <= MOST_ALTERNATIVES) {
    const text = open.shift()!;
    const group = /\{([^{}]*,[^{}]*)\}/.exec(text);
    if (group === null) done.push(text);
    else {
      const before = text.slice(0, group.index);
      const after = text.slice(group.index + group[0].length);
      open.unshift(...group[1]!.split(',').map((word) => before + word + after));
    }
  }
  // Of nested groups the inner one is written out first, which gives the outer one's other words twice.
  return [...new Set(done)];
}

/** Matches one part of a path, without slashes. A leading dot must be written. Linear in both lengths but for `*`. */
export function matchesName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  // A star is undone by going back to the last one only, so that no pattern takes exponential time.
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    const one = p < pattern.length && pattern[p] !== '*' ? matchesOne(pattern, p, name[n]!) : 0;
    if (one > 0) {
      p += one;
      n++;
    } else if (pattern[p] === '*') {
      star = ++p;
      resume = n;
    } else if (star >= 0) {
      p = star;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** How many characters of the pattern, from `p` on, match this one character; 0 when they do not. */
function matchesOne(pattern: string, p: number, char: string): number {
  if (pattern[p] === '?') return 1;
  const close = pattern[p] === '[' ? pattern.indexOf(']', p + 2) : -1;
  if (close < 0) return pattern[p] === char ? 1 : 0;
  const negated = pattern[p + 1] === '!' || pattern[p + 1] === '^';
  let found = false;
  for (let i = p + (negated ? 2 : 1); i < close; i++) {
    if (pattern[i + 1] === '-' && i + 2 < close) {
      if (pattern[i]! <= char && char <= pattern[i + 2]!) found = true;
      i += 2;
    } else if (pattern[i] === char) found = true;
  }
  return found !== negated ? close + 1 - p : 0;
}
