/** Warnings about programs that a host does not have, with their places. */
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/config/problem.ts';
import { programProblems } from '../../../src/config/program-warnings.ts';
import { load, withInstanceLines } from './sample.ts';

const pair = '{ listen: 10.0.0.5:12000, servers: [10.0.0.1], backups: [10.0.0.2]';
const TEXT = `${withInstanceLines('track_memcached: [run, probed]', 'proxy: old')}
memcached:
  probed: { address: 127.0.0.1:11211 }
  run: { address: 127.0.0.1:11212, command: [repcached, -p, "11212"] }
proxy:
  old: ${pair}, engine: magent }
  ours: ${pair.replace('12000', '12001')} }
  own:
    listen: 10.0.0.5:12002
    command: /opt/proxy -l {listen}
  new: ${pair.replace('12000', '12003')}, engine: memcached-proxy }
`;

const warnings = (text: string, there: readonly string[]): string[] =>
  programProblems(load(text), (program) => there.includes(program)).map(formatProblem);

test('every memcached and proxy whose program is not there has a warning', () => {
  const rest = 'so it cannot be started';
  expect(warnings(TEXT, [])).toEqual([
    expect.stringMatching(
      `^ha.yaml:\\d+:45: warning: memcached.run.command: this host has no program repcached, ${rest}$`,
    ),
    expect.stringMatching(`: warning: proxy.old.engine: this host has no program magent, ${rest}$`),
    expect.stringMatching(`: warning: proxy.own.command: this host has no program /opt/proxy, ${rest}$`),
    expect.stringMatching(`: warning: proxy.new.engine: this host has no program memcached, ${rest}$`),
  ]);
});

test('none when all are there, and none for a config that does not load', () => {
  expect(warnings(TEXT, ['repcached', 'magent', '/opt/proxy', 'memcached'])).toEqual([]);
  expect(warnings(`${TEXT}x: 1\n`, [])).toEqual([]);
});
