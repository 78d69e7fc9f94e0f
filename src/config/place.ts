/** Where things are: paths of keys in a config, lines and columns in its text. */
import { quote } from './describe.ts';

/** Keys and list positions from the root of the file. */
export type Path = readonly (string | number)[];

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `vrrp_instance.VI_1.virtual_ipaddress[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${keyText(part)}`,
    '',
  );
}

// Keys are the file's text: a line break in one must not break the message's line.
function keyText(key: string): string {
  return /^[^\s\p{C}]{1,64}$/u.test(key) ? key : quote(key);
}

/** From offsets to places. The package's own LineCounter misses line breaks in some broken texts. */
export function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let low = 0;
    for (let high = starts.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}
