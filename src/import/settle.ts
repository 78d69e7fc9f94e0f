/**
 * Makes the config one that `check` accepts: what it refuses is taken out and counted as not carried, with the words
 * of `check` as the reason. Owns that loop only.
 */
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { formatPath, type Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import { allLosses, append, type Collection, type Entry, isCollection, type Loss, map } from './model.ts';
import { type Detail, writeYaml } from './write/write.ts';

/** What an import gives. */
export interface Settled {
  readonly yaml: string;
  readonly losses: readonly Loss[];
  /** What `check` says of the result: warnings at most. Null when no instance is left and there is no config. */
  readonly problems: readonly Problem[] | null;
}

/** One refusal can bring about the next (an address, then its instance, then its group), but not many in a row. */
const MOST_ROUNDS = 40;
const DETAILS: readonly Detail[] = ['statements', 'reasons', 'nothing'];

/** `header` makes the comment at the top from the number of losses. Changes `config`. */
export function settle(config: Collection, header: (losses: number) => readonly string[]): Settled {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const top = header(allLosses(config).length);
    const errors = check(writeYaml(config, top, 'nothing')).problems.filter(isError);
    if (errors.length === 0) return write(config, top);
    if (!config.entries.some(({ key }) => key === 'vrrp_instance')) break;
    takeOut(config, errors);
  }
  // Without an instance there is no config, and what is left of it is only worth telling.
  const rest = map([], allLosses(config));
  for (const { key, value } of config.entries) {
    for (const entry of isCollection(value) ? value.entries : []) {
      rest.losses.push(lossOf(entry, 'there is no vrrp_instance that could use it', key!));
    }
  }
  return {
    yaml: writeYaml(rest, header(rest.losses.length), 'statements'),
    losses: rest.losses,
    problems: null,
  };
}

/** With as much detail as `check` still reads. */
function write(config: Collection, header: readonly string[]): Settled {
  const losses = allLosses(config);
  for (const detail of DETAILS) {
    const yaml = writeYaml(config, header, detail);
    const { problems } = check(yaml);
    if (!problems.some(isError)) return { yaml, losses, problems };
  }
  throw new Error('a config is refused that was accepted just now');
}

function check(yaml: string): LoadedConfig {
  return loadConfig('imported', yaml, 'imported');
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

interface Place {
  readonly path: string;
  readonly parent: Collection;
  readonly entry: Entry;
  readonly above: readonly Collection[];
}

/** Each error takes out the entry at its key, or the nearest one around it. */
function takeOut(config: Collection, errors: readonly Problem[]): void {
  const places = new Map<string, Place>();
  index(config, [], [], places);
  for (const { key, message } of errors) {
    const place = nearest(places, key);
    if (place === undefined) {
      for (const entry of config.entries.splice(0)) append(config.losses, lossesOf(entry, message, ''));
      return;
    }
    // Of something that is missing within the entry its name is part of the message.
    const missing = key.slice(place.path.length).replace(/^\./, '');
    remove(place, missing === '' ? message : `${missing} ${message}`);
  }
}

function index(
  collection: Collection,
  path: Path,
  above: readonly Collection[],
  into: Map<string, Place>,
): void {
  collection.entries.forEach((entry, position) => {
    const here = [...path, entry.key ?? position];
    const name = formatPath(here);
    into.set(name, { path: name, parent: collection, entry, above });
    if (isCollection(entry.value)) index(entry.value, here, [...above, collection], into);
  });
}

// A name may hold dots itself; trimming at each of them finds it all the same.
function nearest(places: ReadonlyMap<string, Place>, key: string): Place | undefined {
  for (let text = key; text !== ''; text = text.slice(0, Math.max(text.search(/[.[][^.[]*$/), 0))) {
    const place = places.get(text);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** A list that has no item left goes too; what was lost in it is told where the list stood. */
function remove({ parent, entry, above }: Place, message: string): void {
  const at = parent.entries.indexOf(entry);
  if (at < 0) return;
  parent.entries.splice(at, 1);
  const keeper = parent.kind === 'list' ? (above.at(-1) ?? parent) : parent;
  append(keeper.losses, lossesOf(entry, message, entry.key ?? ''));
  if (parent.entries.length > 0 || above.length === 0) return;
  const holder = above.at(-1)!;
  const index = holder.entries.findIndex(({ value }) => value === parent);
  if (index >= 0) holder.entries.splice(index, 1);
  append(holder.losses, parent.losses);
}

/** The entry's own loss after those within it, which tell why. */
function lossesOf(entry: Entry, message: string, key: string): Loss[] {
  return [
    ...(isCollection(entry.value) ? allLosses(entry.value) : []),
    lossOf(entry, `check says: ${message}`, key),
  ];
}

function lossOf({ key, origin }: Entry, reason: string, name: string): Loss {
  const secret = key === 'auth_pass' || key === 'authentication';
  const [first = name, ...more] = origin.text;
  const what = secret ? key : more.length === 0 ? first : first.endsWith('{') ? first : `${first} ...`;
  return { what, reason, origin };
}
