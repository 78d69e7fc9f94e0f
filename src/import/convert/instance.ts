/** One vrrp_instance to ours. */

import { lossOf, originOf } from '../keywords/origin.ts';
import type { Context } from '../keywords/treatment.ts';
import { isOn, vmac } from '../keywords/values.ts';
import { AUTHENTICATION, instanceTable } from '../keywords/vrrp-instance.ts';
import { isKnown, type KeyPath } from '../known.ts';
import { append, type Collection, type Entry, find, type Loss } from '../model.ts';
import type { Statement } from '../read/tree.ts';
import { convertBlock } from './block.ts';

const PATH: KeyPath = ['vrrp_instance', '*'];

/** Keywords of global_defs as the instance would say them itself. */
export type Defaults = readonly Statement[];

/** What global_defs says that bears on an instance otherwise than as a default of a keyword. */
export interface Surroundings {
  readonly scriptUser: string | null;
  readonly version: 2 | 3;
  /** vrrp_strict */
  readonly strict: boolean;
}

/** A statement without a block is an instance without anything. */
export function convertInstance(statement: Statement, defaults: Defaults, around: Surroundings): Collection {
  // keepalived: MASTER stays whatever other state stands before or behind it.
  const own = (statement.block ?? []).toSorted((a, b) => Number(isMaster(b)) - Number(isMaster(a)));
  const said = new Set(own.map(({ words }) => words[0]));
  const inherited = defaults.filter(
    ({ words: [keyword = ''] }) => !said.has(keyword) && isKnown([...PATH, keyword]),
  );
  const all = [...own, ...inherited];
  const version = versionOf(all, around.version);
  const context: Context = { version, scriptUser: around.scriptUser };
  const device = wordAfter(all, 'interface');
  const instance = convertBlock(
    all.filter(({ words }) => words[0] !== 'authentication'),
    instanceTable(device, vmacName(all, context)),
    PATH,
    context,
  );
  for (const entry of instance.entries.filter(({ key }) => inherited.some(({ words }) => words[0] === key))) {
    instance.entries[instance.entries.indexOf(entry)] = { ...entry, remark: 'from global_defs' };
  }
  const authentication = own.filter(({ words }) => words[0] === 'authentication').at(-1);
  const mode = own.findLast(({ words }) => words[0] === 'strict_mode');
  const strict = mode === undefined ? around.strict : isOn(mode.words[1]);
  if (authentication !== undefined) addAuthentication(instance, authentication, context, strict);
  if (version === 3 && around.version === 2 && find(instance, 'version') === undefined) {
    insertAfter(instance, 'interface', 'version', 3, 'as IPv6 needs it', statement);
  }
  if (own.some(isMaster) && find(instance, 'priority') === undefined) {
    const remark = "keepalived's default with state MASTER: the owner of the address";
    insertAfter(instance, 'virtual_router_id', 'priority', 255, remark, statement);
  }
  return instance;
}

/** keepalived: version 3 wherever an address is IPv6, whatever else is said. */
function versionOf(statements: readonly Statement[], fallback: 2 | 3): 2 | 3 {
  const first = statements.find(({ words }) => words[0] === 'virtual_ipaddress')?.block?.[0]?.words[0] ?? '';
  const native = statements.some(({ words }) => words[0] === 'native_ipv6');
  if (native || first.includes(':')) return 3;
  const said = wordAfter(statements, 'version');
  return said === undefined ? fallback : said === '3' ? 3 : 2;
}

function isMaster({ words: [keyword, state] }: Statement): boolean {
  return keyword === 'state' && state === 'MASTER';
}

function wordAfter(statements: readonly Statement[], keyword: string): string | undefined {
  return statements.findLast(({ words }) => words[0] === keyword)?.words[1];
}

/** The interface that use_vmac makes, or undefined. */
function vmacName(statements: readonly Statement[], context: Context): string | undefined {
  const statement = statements.findLast(({ words }) => words[0] === 'use_vmac');
  const name = statement === undefined ? undefined : vmac(statement, context);
  if (name === undefined || !name.ok) return undefined;
  return typeof name.value === 'string' ? name.value : `vrrp.${wordAfter(statements, 'virtual_router_id')}`;
}

/** Adds what keepalived means without saying it, behind the key that it belongs to. */
function insertAfter(
  instance: Collection,
  neighbour: string,
  key: string,
  value: number,
  remark: string,
  statement: Statement,
): void {
  const at = instance.entries.findIndex((entry) => entry.key === neighbour);
  instance.entries.splice(at + 1, 0, { key, value, origin: originOf(statement), remark });
}

/** Before the addresses, as keepalived's own samples have it. */
function addAuthentication(
  instance: Collection,
  statement: Statement,
  context: Context,
  strict: boolean,
): void {
  const block = convertBlock(statement.block ?? [], AUTHENTICATION, [...PATH, 'authentication'], context);
  const type = find(block, 'auth_type')?.value;
  const reason = strict
    ? 'with vrrp_strict keepalived uses no authentication'
    : refusal(type, find(block, 'auth_pass') !== undefined, context);
  const losses: Loss[] = [...block.losses];
  if (reason !== null) losses.push(lossOf(statement, reason));
  else {
    const before = instance.entries.findIndex(
      ({ key }) => key?.startsWith('track_') || key?.startsWith('virtual_ip'),
    );
    instance.entries.splice(before < 0 ? instance.entries.length : before, 0, {
      key: 'authentication',
      value: { ...block, losses: [] },
      origin: originOf(statement),
    });
  }
  append(instance.losses, losses);
}

function refusal(type: Entry['value'] | undefined, password: boolean, { version }: Context): string | null {
  if (version === 3) return 'VRRP version 3 has no authentication, keepalived ignores it too';
  if (type === undefined) return 'no auth_type is given, so keepalived uses none';
  if (type === 'AH') return 'memcache-ha does not speak AH; use PASS on every host, or none';
  return password ? null : 'no auth_pass is given, so keepalived uses no authentication';
}
