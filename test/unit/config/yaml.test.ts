/** Text that is no YAML, or no YAML that could be a config: one clear line for each, never an exception. */
import { describe, expect, test } from 'vitest';
import { configOf, MINIMAL, problemsOf, withInstanceLines } from './sample.ts';

const MISSING = '1:1: vrrp_instance: is missing, must be a map from names to instances';

describe('broken text', () => {
  test.each([
    ['nothing', '', ['1:1: the file is empty']],
    ['comments only', '# nothing\n\n', ['1:1: the file is empty']],
    ['a word', 'foo', ['1:1: is "foo", must be a map with vrrp_instance']],
    ['a list', '- foo', ['1:1: is a list, must be a map with vrrp_instance']],
    [
      'a tab',
      'global_defs:\n\trouter_id: x\n',
      ['2:1: not valid YAML: a tab indents this line, only spaces may'],
    ],
    [
      'no colon',
      'a:\n  b: 1\n  priority 100\n  c: 2\n',
      ['3:3: not valid YAML: this key has no value (a colon and a space are missing)'],
    ],
    [
      'no colon on the last line',
      'a:\n  b: 1\n  priority 100\n',
      ['3:3: not valid YAML: this key has no value (a colon and a space are missing)'],
    ],
    [
      'no space behind the colon',
      'a:\n  b: 1\n  priority:100\n  c: 2\n',
      ['3:3: not valid YAML: this key has no value (a colon and a space are missing)'],
    ],
    [
      'a line too far right',
      'a:\n  b: 1\n    c: 2\n',
      [
        '2:6: not valid YAML: another "key: value" inside a value (a line is indented too far, or the value needs quotes)',
      ],
    ],
    [
      'a line too far left',
      'a:\n    b: 1\n  c: 2\n',
      ['3:1: not valid YAML: this is indented differently from the keys before it'],
    ],
    ['an open list', 'a: [1, 2\nb: 3\n', ['2:1: not valid YAML: a [ before this is not closed']],
    ['an open map', 'a: {b: 2\nc: 3\n', ['2:1: not valid YAML: a { before this is not closed']],
    ['an open quote', 'a: "x\nb: 3\n', ['3:1: not valid YAML: the quote " before this is not closed']],
    [
      'a backslash in double quotes',
      'a: "\\d"\n',
      ['1:5: not valid YAML: \\d means nothing in double quotes (single quotes keep a backslash)'],
    ],
    ['an unknown tag', 'a: !x y\n', ['1:4: not valid YAML: Unresolved tag: !x']],
    [
      'two documents',
      `${MINIMAL}---\na: 1\n`,
      ['6:1: a second YAML document begins here (---), only one is read'],
    ],
    [
      'a keepalived.conf',
      '! comment\nglobal_defs {\n  router_id R1\n}\n',
      ["2:1: this is keepalived's own format, the config of memcache-ha is YAML"],
    ],
    [
      'a key given twice',
      `${MINIMAL}    interface: eth1\n`,
      ['6:5: vrrp_instance.VI_1.interface: is given twice, first on line 3'],
    ],
    ['a map as a key', '? { a: 1 }\n: b\n', [MISSING, '1:3: a key must be a word']],
    ['no key', ': b\n', ['1:1: a key must be a word', MISSING]],
    ['a NUL', withInstanceLines('notify: "a\\0b"'), ['6:13: vrrp_instance.VI_1.notify: has a NUL character']],
    [
      'an alias of nothing',
      withInstanceLines('notify: *hook'),
      ['6:13: vrrp_instance.VI_1.notify: no anchor &hook stands before this alias'],
    ],
    [
      'an alias of what is around it',
      withInstanceLines('notify: &hook [x, *hook]'),
      ['6:23: vrrp_instance.VI_1.notify[1]: the alias *hook contains itself'],
    ],
    ['depth', `a: ${'['.repeat(30_000)}`, ['1:24: nested deeper than 20 levels']],
    ['size', `# ${'x'.repeat(300_000)}\n`, ['1:1: the file is larger than 128 KiB, that is no config']],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('depth through aliases', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? '' : `*a${i - 1}`}]\n`);
    expect(problemsOf(lines.join(''))).toContain(
      `2:10: a20${'[0]'.repeat(20)}: nested deeper than 20 levels`,
    );
  });

  test('a bomb of aliases', () => {
    const lines = Array.from({ length: 10 }, (_, i) =>
      i === 0 ? `a0: &a0 [${'x,'.repeat(10)}]\n` : `a${i}: &a${i} [${`*a${i - 1},`.repeat(10)}]\n`,
    );
    const problems = problemsOf(lines.join(''));
    expect(problems.filter((problem) => problem.endsWith('aliases make this too large'))).toHaveLength(1);
    expect(problems.length).toBeLessThan(20);
  });
});

describe('YAML that operators use', () => {
  test('anchors and aliases', () => {
    const { hooks } = configOf(
      withInstanceLines(
        'notify_master: &hook [x, &word 010]',
        'notify_backup: *hook',
        'notify_fault: [*word, y]',
      ),
    ).instances[0]!;
    expect(hooks.backup).toEqual(['x', '010']);
    expect(hooks.fault).toEqual(['010', 'y']);
  });

  test('a wrong value behind an alias is where it is written', () => {
    const text = `${MINIMAL.replace('virtual_router_id: 51', 'virtual_router_id: &id 300')}    priority: *id\n`;
    expect(problemsOf(text)).toEqual([
      '4:28: vrrp_instance.VI_1.virtual_router_id: is 300, must be a whole number from 1 to 255',
      '4:28: vrrp_instance.VI_1.priority: is 300, must be a whole number from 1 to 255',
    ]);
  });

  test.each([
    ['Windows line ends', MINIMAL.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${MINIMAL}`],
    ['document markers', `---\n${MINIMAL}...\n`],
    ['no line end at the end', MINIMAL.trimEnd()],
    ['YAML 1.1', `%YAML 1.1\n---\n${MINIMAL}`],
    [
      'JSON',
      '{"vrrp_instance":{"VI_1":{"interface":"eth0","virtual_router_id":51,"virtual_ipaddress":["10.0.0.5"]}}}',
    ],
  ])('%s', (_, text) => {
    expect(configOf(text)).toEqual(configOf(MINIMAL));
  });

  test('positions hold with Windows line ends', () => {
    expect(problemsOf(withInstanceLines('priority: 300').replaceAll('\n', '\r\n'))).toEqual([
      '6:15: vrrp_instance.VI_1.priority: is 300, must be a whole number from 1 to 255',
    ]);
  });
});
