/** Every keyword that keepalived has is carried or named, whatever the schema knows by now. */
import { describe, expect, test } from 'vitest';
import {
  FOREIGN,
  TRACK_FILE,
  VRRP_SCRIPT,
  VRRP_SYNC_GROUP,
  VRRP_TRACK_PROCESS,
} from '../../../src/import/keywords/blocks.ts';
import { GLOBAL_DEFS } from '../../../src/import/keywords/global-defs.ts';
import type { Table } from '../../../src/import/keywords/treatment.ts';
import { AUTHENTICATION, instanceTable } from '../../../src/import/keywords/vrrp-instance.ts';
import { isKnown } from '../../../src/import/known.ts';
import { importText, instance, lossesOf } from './conf.ts';

/** How a block of each kind stands in a file; `KEYWORD` is where the statement goes. */
const PLACES: readonly (readonly [name: string, table: Table, text: string])[] = [
  ['global_defs', GLOBAL_DEFS, `global_defs {\nKEYWORD\n}\n${instance()}`],
  ['vrrp_instance', instanceTable('eth0'), instance('KEYWORD')],
  ['authentication', AUTHENTICATION, instance('authentication {', 'KEYWORD', '}')],
  ['vrrp_script', VRRP_SCRIPT, `vrrp_script x {\nKEYWORD\n}\n${instance()}`],
  ['vrrp_track_process', VRRP_TRACK_PROCESS, `vrrp_track_process x {\nKEYWORD\n}\n${instance()}`],
  ['track_file', TRACK_FILE, `track_file x {\nKEYWORD\n}\n${instance()}`],
  ['vrrp_sync_group', VRRP_SYNC_GROUP, `vrrp_sync_group x {\nKEYWORD\n}\n${instance()}`],
];

describe.each(PLACES)('%s', (name, table, text) => {
  const keywords = [...table].filter(([, { kind }]) => kind !== 'inherent').map(([keyword]) => keyword);
  test.each(keywords)('%s', (keyword) => {
    for (const statement of [`${keyword} 1`, keyword, `${keyword} {\n1\n}`]) {
      const imported = importText(text.replace('KEYWORD', statement));
      expect(imported.hasConfig).toBe(true);
      const written = imported.yaml.split('\n').filter((line) => !/^\s*#/.test(line));
      const treatment = table.get(keyword)!;
      const keys = [treatment.kind === 'carry' ? treatment.key : keyword, defaultOf(table, keyword)];
      const carried = written.some((line) => keys.some((key) => line.trim().startsWith(`${key}:`)));
      // Within a block that was refused as a whole, the block is what is named.
      const named = lossesOf(imported).some(
        (loss) =>
          loss.includes(`: ${keyword}`) || loss.includes(': 1: check says') || loss.includes(`: ${name}`),
      );
      expect([statement, carried || named]).toEqual([statement, true]);
    }
  });
});

function defaultOf(table: Table, keyword: string): string {
  const treatment = table.get(keyword);
  return treatment?.kind === 'default' ? treatment.keyword : keyword;
}

test.each([...FOREIGN.keys(), 'interface_up_down_delays', 'track_process'])('%s', (keyword) => {
  const imported = importText(`${keyword} x {\n1\n}\n${instance()}`);
  expect(lossesOf(imported).join('\n')).toMatch(new RegExp(`^\\d+: (${keyword} x \\{|1)(:|$)`));
});

test('a key is known when the schema has it, at any depth', () => {
  expect(isKnown(['vrrp_instance', '*', 'priority'])).toBe(true);
  expect(isKnown(['vrrp_instance', '*', 'authentication', 'auth_type'])).toBe(true);
  expect(isKnown(['vrrp_instance', '*', 'track_memcached', 'warm'])).toBe(true);
  expect(isKnown(['global_defs', 'router_id'])).toBe(true);
  for (const path of [
    ['nonsense'],
    ['vrrp_instance', '*', 'constructor'],
    ['global_defs', 'priority'],
    ['vrrp_instance', 'priority'],
  ]) {
    expect([path, isKnown(path)]).toEqual([path, false]);
  }
});
