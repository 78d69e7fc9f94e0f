/**
 * The config that is being made: YAML values that remember which statement they come from, and what could not be
 * carried. Knows neither keepalived's keywords nor ours.
 */
import type { Position } from './read/source.ts';

/** Where something comes from; `text` is the statement as the operator wrote it. */
export interface Origin {
  readonly at: Position;
  readonly text: readonly string[];
}

/** What did not make it into the config. */
export interface Loss {
  /** For messages: the keyword with its value, one line, never a password. */
  readonly what: string;
  readonly reason: string;
  readonly origin: Origin;
}

export type Scalar = string | number | boolean;

/** A value of the config. A list's items have the key null. */
export interface Entry {
  readonly key: string | null;
  readonly value: Scalar | Collection;
  readonly origin: Origin;
  /** For the reader of the YAML: lines before the entry, and words behind it. */
  readonly before?: readonly string[];
  readonly remark?: string;
}

/** A map or a list. Mutable: what `check` refuses is taken out again. */
export interface Collection {
  readonly kind: 'map' | 'list';
  readonly entries: Entry[];
  /** What was not carried, written below the entries. */
  readonly losses: Loss[];
}

export function map(entries: readonly Entry[] = [], losses: readonly Loss[] = []): Collection {
  return { kind: 'map', entries: [...entries], losses: [...losses] };
}

export function list(entries: readonly Entry[] = [], losses: readonly Loss[] = []): Collection {
  return { kind: 'list', entries: [...entries], losses: [...losses] };
}

export function isCollection(value: Entry['value']): value is Collection {
  return typeof value === 'object';
}

/** Adds many at once; `push(...items)` has room on the stack for some ten thousand only. */
export function append<T>(to: T[], items: readonly T[]): void {
  for (const item of items) to.push(item);
}

/** The entry of a map, if it has it. */
export function find(collection: Collection, key: string): Entry | undefined {
  return collection.entries.find((entry) => entry.key === key);
}

/** The map under a key, made when it is not there. */
export function section(parent: Collection, key: string, origin: Origin): Collection {
  const existing = find(parent, key);
  if (existing !== undefined && isCollection(existing.value)) return existing.value;
  const value = map();
  parent.entries.push({ key, value, origin });
  return value;
}

/** Every loss below and in a collection. */
export function allLosses(collection: Collection): Loss[] {
  const below = collection.entries.flatMap(({ value }) => (isCollection(value) ? allLosses(value) : []));
  return [...below, ...collection.losses];
}
