/** Lines as keepalived sees them: comments, continuations, conditions, parameters, sequences, includes. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is keepalived's and the shell's here
import { describe, expect, test } from 'vitest';
import { decomment } from '../../../src/import/read/decomment.ts';
import { expandBraces, matchesName } from '../../../src/import/read/glob.ts';
import { splitQuoted, splitWords } from '../../../src/import/read/words.ts';
import { read } from './conf.ts';

const texts = (text: string, files?: Record<string, string>) =>
  read(text, files).lines.map((line) => line.text);
const problems = (text: string, files?: Record<string, string>) =>
  read(text, files).problems.map(({ at, reason }) => `${at.line}: ${reason}`);

test.each([
  ['a whole line', '# x', '', false],
  ['the other sign', '! x', '', false],
  ['behind a word', 'priority 100 # x', 'priority 100', false],
  ['within a word, as in keepalived', 'auth_pass ab!cd', 'auth_pass ab', false],
  ['escaped', 'auth_pass ab\\!cd\\#e', 'auth_pass ab!cd#e', false],
  ['in double quotes', 'script "a # b" # c', 'script "a # b"', false],
  ['single quotes do not protect', "script 'a # b'", "script 'a", false],
  ['blanks at both ends', '\t  state MASTER \t', 'state MASTER', false],
  ['a continuation', '$X= \\', '$X=', true],
  ['a backslash and a blank is none', '$X= \\ ', '$X= \\', false],
])('comments: %s', (_, line, text, continues) => {
  expect(decomment(line)).toEqual({ text, continues });
});

test.each([
  ['a b  c', ['a', 'b', 'c']],
  ['a "b c" d', ['a', 'b c', 'd']],
  ['a"b c"d', ['a', 'b c', 'd']],
  ['a ""', ['a', '']],
  ["a 'b c'", ['a', "'b", "c'"]],
  ['', []],
])('words of %j', (text, words) => {
  expect(splitWords(text)).toEqual({ words, open: false });
});

test('words: what follows a quote that is not closed is dropped', () => {
  expect(splitWords('a b "c d')).toEqual({ words: ['a', 'b'], open: true });
});

test.each([
  [`/x.sh 'a b' "c d"`, ['/x.sh', 'a b', 'c d']],
  [`/x.sh a'b 'c`, ['/x.sh', 'ab c']],
  ['/x.sh \\x41\\102\\tz\\"', ['/x.sh', 'AB\tz"']],
  ['/x.sh \\cA', ['/x.sh', '\x01']],
  ['/x.sh "', null],
  ['/x.sh \\', null],
])('a command %j', (text, words) => {
  expect(splitQuoted(text, 'resolve')).toEqual(words);
});

test('a command keeps its escapes for the second splitting', () => {
  expect(splitQuoted('notify "/x.sh \\"a\\"" u', 'keep')).toEqual(['notify', '/x.sh \\"a\\"', 'u']);
});

describe('conditions', () => {
  test.each([
    ['@alpha priority 1', ['priority 1']],
    ['@beta priority 1', []],
    ['@^beta priority 1', ['priority 1']],
    ['@^alpha priority 1', []],
    ['@alpha', []],
  ])('%s', (line, lines) => {
    expect(texts(line)).toEqual(lines);
  });

  test('tell whose lines were left out', () => {
    expect(read('@alpha a\n@beta b\n@gamma c\n@beta d').otherIds).toEqual(['beta', 'gamma']);
  });
});

describe('parameters', () => {
  test.each([
    ['with and without braces', '$A=1\nx $A ${A}2 $A', ['x 1 12 1']],
    ['glued to a word only with braces', '$A=1\nx $A2 $A.5', ['x $A2 $A.5']],
    ['not defined', 'x ${NO} $NO', ['x ${NO} $NO']],
    ['filled in when used', '$A=1${B}\n$B=2\nx ${A}\n$B=3\nx ${A}', ['x 12', 'x 13']],
    ['empty', '$A=\nx${A}y', ['xy']],
    ['no blank before the equals sign', '$A =1\nx $A', ['$A =1', 'x $A']],
    ['conditional', '@beta $P=1\n@alpha $P=2\npriority $P', ['priority 2']],
    ['a condition in one', '$M=@beta\n$M priority 1\nend', ['end']],
    ['several lines', '$B= \\\n a ${N} { \\\n b \\\n }\n$N=7\n$B', ['a 7 {', 'b', '}']],
    ['several lines behind a word', '$B=one \\\ntwo\nx $B', ['x one', 'two']],
    ['several lines within a line stay', '$B=one \\\ntwo\nx ${B} y', ['x ${B} y']],
    ['nested', '$I=i \\\nj\n$O=o \\\n$I \\\np\n$O', ['o', 'i', 'j', 'p']],
    [
      'predefined',
      'x ${_PWD} ${_INSTANCE} ${_ENV SITE} ${_HASH}${_BANG}',
      ['x /etc/keepalived alpha berlin #!'],
    ],
  ])('%s', (_, text, lines) => {
    expect(texts(text)).toEqual(lines);
  });

  test('that contain themselves are told, and nothing runs away', () => {
    expect(problems('$A=$A\nx $A')).toEqual(['2: its parameters make the line too long']);
    const doubling = Array.from({ length: 40 }, (_, i) => `$A${i + 1}=\${A${i}}\${A${i}}`).join('\n');
    expect(problems(`$A0=x\n${doubling}\ny \${A40}`)).toEqual(['42: its parameters make the line too long']);
    expect(problems('$A=x \\\n$A\n$A').at(-1)).toBe('3: parameters and sequences are nested too deeply here');
  });

  test('a random one is told', () => {
    expect(texts('x ${_RANDOM 3 9}')).toEqual(['x 3']);
    expect(problems('x ${_RANDOM 3 9}')).toEqual(['1: is random; its least value is written instead']);
  });
});

describe('sequences', () => {
  test.each([
    ['~SEQ(N, 1, 3) x ${N}', ['x 1', 'x 2', 'x 3']],
    ['~SEQ(N, 2) x $N', ['x 1', 'x 2']],
    ['~SEQ(N, 5, -2, 1) x $N', ['x 5', 'x 3', 'x 1']],
    ['~SEQ(N, 3, 2) x $N', ['x 3', 'x 2']],
    ['~SEQx(N, 0x0e, 1, 16) x $N', ['x e', 'x f', 'x 10']],
    ['$E=2\n~SEQ(N, 1, $E) x $N', ['x 1', 'x 2']],
    ['~SEQ(A, 1, 2) ~SEQ(B, 8, 9) $A.$B', ['$A.8', '$A.9', '$A.8', '$A.9']],
    ['~SEQ(A, 1, 2) ~SEQ(B, 8, 9) ${A}.$B', ['1.8', '1.9', '2.8', '2.9']],
    ['~LST(N, a, b) x $N', ['x a', 'x b']],
    ['~LST({A, B}, {1, 2}, {3, 4}) ${A}-${B}', ['1-2', '3-4']],
    ['~LST({A, B}, {1}) ${A}-${B}', ['1-']],
    ['~LST({A, B}, {1, 2}) ~SEQ(C, 1, 2) ${A}${B}${C}', ['121', '122']],
    ['$B=a ${N} \\\nb ${N}\n~SEQ(N, 1, 2) $B', ['a 1', 'b 1', 'a 2', 'b 2']],
  ])('%s', (text, lines) => {
    expect(texts(text)).toEqual(lines);
  });

  test.each([
    ['~SEQ(N, 1, 3', 'the parenthesis is not closed'],
    ['~SEQ(N, 1, 0, 3) x', 'never reaches its end'],
    ['~SEQ(N, a) x', 'must be ~SEQ(VAR, [START, [STEP,]] END)'],
    ['~LST(N) x', 'names no parameter or no value'],
    ['~LST({A}, {1, 2}) x', 'has more values than parameters'],
  ])('%s is told', (text, reason) => {
    expect(problems(text)).toEqual([`1: ${reason}`]);
  });

  test('a huge one ends', () => {
    const { lines, problems } = read('~SEQ(A, 1, 1000000) ~SEQ(B, 1, 1000000) x');
    expect(lines.length).toBeLessThan(50_000);
    expect(problems.map(({ reason }) => reason)).toEqual([
      'the configuration has more than 50000 lines or 1500000 characters; this and the rest are not read',
    ]);
  });
});

describe('includes', () => {
  const files = {
    '/etc/keepalived/conf.d/a.conf': 'a\ninclude ../b.conf\n',
    '/etc/keepalived/b.conf': 'b ${_PWD}\n',
    '/etc/keepalived/loop.conf': 'l\ninclude loop.conf\n',
    '/x/c.conf': 'c\n',
  };
  test.each([
    ['relative to the file that includes', 'include conf.d/a.conf\nend', ['a', 'b /etc/keepalived', 'end']],
    ['absolute', 'include /x/c.conf', ['c']],
    ['a pattern', 'include conf.d/*.conf', ['a', 'b /etc/keepalived']],
    ['with checks', 'includea /x/c.conf', ['c']],
    ['conditional', '@beta include /x/c.conf\nend', ['end']],
    ['no include without a blank', 'included x', ['included x']],
  ])('%s', (_, text, lines) => {
    expect(texts(text, files)).toEqual(lines);
  });

  test.each([
    ['include no.conf', '1: /etc/keepalived/no.conf does not exist'],
    ['include conf.d/*.txt', '1: no file matches'],
    ['include loop.conf', '2: /etc/keepalived/loop.conf includes itself'],
  ])('%s is told', (text, problem) => {
    expect(problems(text, files)).toEqual([problem]);
  });

  test('places are those of the included file', () => {
    expect(read('\ninclude conf.d/a.conf', files).lines[0]!.at).toEqual({
      file: '/etc/keepalived/conf.d/a.conf',
      line: 1,
    });
  });
});

test.each([
  ['*.conf', 'a.conf', true],
  ['*.conf', '.a.conf', false],
  ['a?c', 'abc', true],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[', '[', true],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxa', false],
])('the pattern %s and the name %s', (pattern, name, matches) => {
  expect(matchesName(pattern, name)).toBe(matches);
});

test('a pattern of many stars takes no time', () => {
  expect(matchesName(`${'*a'.repeat(200)}b`, 'a'.repeat(2000))).toBe(false);
});

test('braces are written out', () => {
  expect(expandBraces('x{a,b{c,d}}y')).toEqual(['xay', 'xbcy', 'xbdy']);
  expect(expandBraces('x{a}')).toEqual(['x{a}']);
});
