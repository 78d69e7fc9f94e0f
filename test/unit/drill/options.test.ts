import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../src/drill/faults.ts';
import { helpText } from '../../../src/drill/help.ts';
import { parseDrillOptions, USAGE } from '../../../src/drill/options.ts';

const parse = (...words: string[]) => parseDrillOptions(words, '/run/control.sock');

describe('the command line of drill', () => {
  test('a fault alone', () => {
    expect(parse('kill-proxy')).toEqual({
      ...{ fault: 'kill-proxy', control: '/run/control.sock', instance: null, yes: false, report: null },
      ...{ maxOutage: null, timeout: 60_000, peers: [], blind: false, restart: null, target: null },
    });
  });

  test('everything', () => {
    const words =
      'cut-link --yes --report r.HTML --max-outage 1.5 --timeout 30 --instance VI_2 --restart true --control /c --blind';
    expect(parse(...words.split(' '), '--target', '[fd00::1]:11211')).toMatchObject({
      ...{ fault: 'cut-link', control: '/c', instance: 'VI_2', yes: true, maxOutage: 1500, timeout: 30_000 },
      ...{
        report: { file: 'r.HTML', format: 'html' },
        restart: 'true',
        target: '[fd00::1]:11211',
        blind: true,
      },
    });
  });

  test.each([
    ['10.9.0.102', 'http://10.9.0.102:9650/status'],
    ['10.9.0.102:9651', 'http://10.9.0.102:9651/status'],
    ['[fd00::2]:9650', 'http://[fd00::2]:9650/status'],
    ['http://b.example:9650/status', 'http://b.example:9650/status'],
  ])('--peer %s is %s', (text, url) => {
    expect(parse('kill-proxy', '--peer', text)).toMatchObject({ peers: [new URL(url)] });
  });

  test.each([
    [[], /which fault\? one of kill-memcached, .*cut-link/],
    [['unplug'], /there is no fault unplug, but one of/],
    [['kill-proxy', 'cut-link'], /one fault at a time, not kill-proxy and cut-link/],
    [['kill-proxy', '--report', 'r.txt'], /--report r.txt: must end in .json, .html or .svg/],
    [['kill-proxy', '--max-outage', 'fast'], /--max-outage wants seconds from 0.001 to 3600, not fast/],
    [['kill-proxy', '--max-outage', '0'], /--max-outage wants/],
    [['kill-proxy', '--timeout', '1'], /--timeout wants seconds from 5 to 3000, not 1/],
    [['kill-proxy', '--peer', 'https://b:1/'], /--peer wants HOST:PORT/],
    [['kill-proxy', '--target', 'vip'], /--target .*the port is missing/],
    [['kill-proxy', '--target', 'vip:1'], /--target wants ADDRESS:PORT, not vip:1/],
    [['kill-proxy', '--ja'], /'--ja'/],
  ] as const)('%j', (words, mistake) => {
    expect(parse(...words)).toEqual({ mistake: expect.stringMatching(mistake) });
  });
});

test('the help has every fault and every option of the usage, in lines that a terminal holds', () => {
  for (const word of [...FAULTS, ...USAGE.match(/--[a-z-]+/g)!]) expect(helpText()).toContain(`  ${word} `);
  expect(
    Math.max(
      ...helpText()
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(120);
});
