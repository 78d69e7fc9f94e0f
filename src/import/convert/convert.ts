/** The whole of a keepalived.conf to the whole of our config: finds each block its converter. */

import { FOREIGN, TRACK_FILE, VRRP_SCRIPT, VRRP_SYNC_GROUP, VRRP_TRACK_PROCESS } from '../keywords/blocks.ts';
import { GLOBAL_DEFS } from '../keywords/global-defs.ts';
import { lossOf, originOf } from '../keywords/origin.ts';
import type { Context, Table } from '../keywords/treatment.ts';
import { isOn } from '../keywords/values.ts';
import { isKnown } from '../known.ts';
import { type Collection, find, map, section } from '../model.ts';
import { formatPosition } from '../read/source.ts';
import type { Statement } from '../read/tree.ts';
import { convertBlock, NOT_YET } from './block.ts';
import { convertInstance, type Defaults, type Surroundings } from './instance.ts';
import { convertInterfaceDelays } from './interface-delays.ts';

/** Blocks `KEYWORD NAME { ... }` and the sections of ours that hold them, the first that the schema knows. */
const NAMED: ReadonlyMap<string, { readonly sections: readonly string[]; readonly table: Table }> = new Map([
  ['vrrp_script', { sections: ['vrrp_script'], table: VRRP_SCRIPT }],
  ['vrrp_track_process', { sections: ['vrrp_track_process'], table: VRRP_TRACK_PROCESS }],
  ['track_file', { sections: ['track_file', 'vrrp_track_file'], table: TRACK_FILE }],
  ['vrrp_track_file', { sections: ['track_file', 'vrrp_track_file'], table: TRACK_FILE }],
  ['vrrp_sync_group', { sections: ['vrrp_sync_group'], table: VRRP_SYNC_GROUP }],
]);

/** Our config, not yet checked. */
export function convert(statements: readonly Statement[]): Collection {
  const config = map();
  const globals = statements.filter(({ words }) => words[0] === 'global_defs').flatMap(blockOf);
  const wordOf = (keyword: string) => globals.findLast(({ words }) => words[0] === keyword)?.words[1];
  const around: Surroundings = {
    scriptUser: wordOf('script_user') ?? null,
    version: wordOf('vrrp_version') === '3' ? 3 : 2,
    strict: globals.some(({ words }) => words[0] === 'vrrp_strict' && isOn(words[1])),
  };
  const context: Context = { version: 2, scriptUser: around.scriptUser };
  const { defaults, others } = splitGlobals(globals);
  if (others.length > 0) {
    const first = statements.find(({ words }) => words[0] === 'global_defs')!;
    const value = convertBlock(others, GLOBAL_DEFS, ['global_defs'], context);
    config.entries.push({ key: 'global_defs', value, origin: originOf(first) });
  }
  for (const statement of statements) {
    const [keyword = ''] = statement.words;
    const named = NAMED.get(keyword);
    const foreign = FOREIGN.get(keyword);
    if (keyword === 'vrrp_instance') {
      addNamed(config, 'vrrp_instance', statement, () => convertInstance(statement, defaults, around));
    } else if (named !== undefined) {
      const name = named.sections.find((each) => isKnown([each]));
      if (name === undefined) config.losses.push(lossOf(statement, NOT_YET));
      else
        addNamed(config, name, statement, () =>
          convertBlock(blockOf(statement), named.table, [name, '*'], context),
        );
    } else if (keyword === 'interface_up_down_delays') convertInterfaceDelays(config, statement);
    else if (foreign !== undefined) config.losses.push(lossOf(statement, foreign));
    else if (keyword !== 'global_defs') {
      config.losses.push(lossOf(statement, 'keepalived has no such keyword here'));
    }
  }
  return config;
}

function blockOf({ block }: Statement): readonly Statement[] {
  return block ?? [];
}

function addNamed(config: Collection, key: string, statement: Statement, make: () => Collection): void {
  const [, name, ...more] = statement.words;
  const origin = originOf(statement);
  if (name === undefined) config.losses.push(lossOf(statement, 'has no name'));
  else {
    const all = section(config, key, origin);
    const first = find(all, name);
    if (first !== undefined) {
      const reason = `${name} is defined already on ${formatPosition(first.origin.at)}`;
      config.losses.push(lossOf(statement, reason));
      return;
    }
    const value = make();
    if (more.length > 0)
      value.losses.push(lossOf({ ...statement, block: null }, 'only the first word is its name'));
    all.entries.push({ key: name, value, origin });
  }
}

/** The globals that are defaults of instances, as the instances would say them; and all others. */
function splitGlobals(globals: readonly Statement[]): { defaults: Defaults; others: readonly Statement[] } {
  const defaults: Statement[] = [];
  const others: Statement[] = [];
  for (const statement of globals) {
    const [keyword = '', ...rest] = statement.words;
    const treatment = GLOBAL_DEFS.get(keyword);
    const ours = isKnown(['global_defs', keyword]);
    if (treatment?.kind === 'default' && !ours && isKnown(['vrrp_instance', '*', treatment.keyword])) {
      defaults.push({ ...statement, words: [treatment.keyword, ...rest] });
    } else others.push(statement);
  }
  return { defaults, others };
}
