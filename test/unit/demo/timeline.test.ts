import { expect, test } from 'vitest';
import type { Kind, Moment, Witness } from '../../../src/demo/moment.ts';
import { createStyle } from '../../../src/demo/style.ts';
import { formatTimeline, inOrder } from '../../../src/demo/timeline.ts';

const at = (t: number, witness: Witness, kind: Kind, waited?: string): Moment => ({
  t,
  witness,
  kind,
  text: kind,
  ...(waited === undefined ? {} : { waited }),
});

test('within a millisecond things stand in the order in which they follow from each other', () => {
  const moments = [
    at(12.4, 'wire', 'arp'),
    at(11.6, 'A', 'master'),
    at(10.7, 'A', 'hook'),
    at(10.6, 'demo', 'act'),
  ];
  expect(inOrder(moments, 10).map(({ kind }) => kind)).toEqual(['act', 'hook', 'master', 'arp']);
});

test('lines: after the act, who, what; a long pause says what it was spent on', () => {
  const moments = [
    at(1000, 'demo', 'act'),
    at(999.2, 'A', 'memcached-down'),
    at(1613.2, 'client', 'answers-again'),
    at(1613.4, 'B', 'master', 'B waits'),
    at(2000, 'A', 'hook'),
  ];
  expect(formatTimeline(moments, 1000, createStyle(false))).toEqual([
    '        0 ms ┤ demo    act',
    '        0 ms ┤ A       memcached-down',
    '             ┆ B waits',
    '      613 ms ┤ B       master',
    '      613 ms ┤ client  answers-again',
    '             ┆',
    '     1000 ms ┤ A       hook',
  ]);
});

test('colours change nothing but the colours', () => {
  const moments = [at(0, 'A', 'fault'), at(700, 'B', 'master', 'why'), at(701, 'client', 'answers-again')];
  const coloured = formatTimeline(moments, 0, createStyle(true));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const codes = /\x1b\[\d+m/g;
  expect(coloured.join('\n')).toMatch(codes);
  expect(coloured.map((line) => line.replace(codes, ''))).toEqual(
    formatTimeline(moments, 0, createStyle(false)),
  );
});
