/** What `status --watch` writes to a terminal, and to anything else. */
import { expect, test } from 'vitest';
import { streamScreen, terminalScreen } from '../../../../src/cli/status/screen.ts';

test('a terminal is entered, written over and left as it was', () => {
  const written: string[] = [];
  const screen = terminalScreen({
    rows: 3,
    write: (text: string | Uint8Array) => written.push(String(text)) > 0,
  });
  screen.show('1\n2\n3\n');
  screen.show('1\n2\n3\n4\n5\n');
  screen.close();
  expect(written).toEqual([
    '\x1b[?1049h\x1b[?25l\x1b[?7l',
    '\x1b[H1\x1b[K\n2\x1b[K\n3\x1b[K\x1b[J',
    '\x1b[H1\x1b[K\n2\x1b[K\n(3 more lines: make the window higher)\x1b[K\x1b[J',
    '\x1b[?7h\x1b[?25h\x1b[?1049l',
  ]);
});

test('a stream gets one after the other, with no codes', () => {
  const written: string[] = [];
  const screen = streamScreen((text) => written.push(text));
  screen.show('1\n2\n');
  screen.close();
  expect(written).toEqual(['1\n2\n\n']);
});
