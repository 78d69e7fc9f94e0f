/** `import`: keepalived.conf to a config of ours. Reads nothing but what `sources` gives it and never throws for any text. */
import type { Problem } from '../config/problem.ts';
import { convert } from './convert/convert.ts';
import type { Collection, Loss } from './model.ts';
import { offerMemcached } from './offer/memcached.ts';
import { type LooseScript, offerProxies } from './offer/proxy.ts';
import { readLines } from './read/lines.ts';
import type { Sources } from './read/source.ts';
import { parseTree } from './read/tree.ts';
import { settle } from './settle.ts';

export interface ImportOptions {
  /** keepalived's --config-id, for lines that begin with `@NAME`. */
  readonly configId: string;
  /** Folders in which scripts are looked for by their names. */
  readonly scriptFolders: readonly string[];
  /** Scripts that ran beside keepalived. */
  readonly scripts: readonly LooseScript[];
  /** What takes the place of a magent; null: the bundled proxy where it does the same. */
  readonly proxy: 'bundled' | 'magent' | null;
}

export interface Imported {
  /** A config that `check` accepts; only comments when there is no vrrp_instance to make one of. */
  readonly yaml: string;
  readonly hasConfig: boolean;
  /** What was not carried over, in the order of its places. */
  readonly losses: readonly Loss[];
  /** Warnings of `check` about the result. */
  readonly warnings: readonly Problem[];
  /** Hosts whose `@NAME` lines were left out. */
  readonly otherIds: readonly string[];
}

/** Of a line that cannot be read, in messages. */
const LONGEST_QUOTE = 100;

/** The sections in the order in which they are read best. */
const ORDER = ['global_defs', 'memcached', 'proxy', 'vrrp_script'];
const LAST = ['vrrp_sync_group', 'vrrp_instance'];

/** `file` is the name that the text goes by in comments and messages; includes are relative to it. */
export function importKeepalived(
  file: string,
  text: string,
  sources: Sources,
  options: ImportOptions,
): Imported {
  const { lines, problems, otherIds } = readLines(file, text, sources, options);
  const tree = parseTree(lines);
  const config = convert(tree.statements);
  for (const { at, what, reason } of [...problems, ...tree.problems]) {
    const start = what.length > LONGEST_QUOTE ? `${what.slice(0, LONGEST_QUOTE)}...` : what;
    config.losses.push({ what: start, reason, origin: { at, text: [start] } });
  }
  const places = { file, folders: options.scriptFolders };
  offerMemcached(config, places, sources);
  offerProxies(config, { ...places, ...options }, sources);
  sortSections(config);
  const settled = settle(config, (losses) => header(file, losses));
  return {
    yaml: settled.yaml,
    hasConfig: settled.problems !== null,
    losses: inOrder(settled.losses),
    warnings: settled.problems ?? [],
    otherIds,
  };
}

function sortSections(config: Collection): void {
  const rank = (key: string): number => {
    const first = ORDER.indexOf(key);
    return first >= 0 ? first : ORDER.length + 1 + LAST.indexOf(key);
  };
  config.entries.sort((a, b) => rank(a.key!) - rank(b.key!));
}

/** As an editor goes through them: file by file, each from its top. */
function inOrder(losses: readonly Loss[]): readonly Loss[] {
  const files = [...new Set(losses.map(({ origin }) => origin.at.file))];
  const rank = ({ origin: { at } }: Loss): readonly [number, number] => [files.indexOf(at.file), at.line];
  return losses.toSorted((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
}

function header(file: string, losses: number): string[] {
  const made = `Made from ${file} by \`memcache-ha import\`.`;
  if (losses === 0) return [made];
  const count = losses === 1 ? 'One thing was' : `${losses} things were`;
  return [made, `${count} not carried over: look for "not carried" below.`];
}
