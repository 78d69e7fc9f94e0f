/**
 * What happened in a run, written down for the checkers: what the clients asked and were told, what each copy carried out,
 * and when a copy could be reached by a proxy. Judges nothing.
 */
import type { Version } from './values.ts';

/** Where a copy and a proxy are. */
export type Host = 'A' | 'B';

export const HOSTS: readonly Host[] = ['A', 'B'];

export const otherHost = (host: Host): Host => (host === 'A' ? 'B' : 'A');

export type Kind =
  | 'set'
  | 'add'
  | 'replace'
  | 'cas'
  | 'append'
  | 'prepend'
  | 'incr'
  | 'delete'
  | 'flush_all'
  /** flush_all with a delay, which is its `ttl`. */
  | 'flush later'
  | 'touch'
  | 'get'
  | 'other';

/** `done`: it was carried out. `refused`: it was not, as memcached says (NOT_STORED, NOT_FOUND …). `silent`: noreply. */
export type Outcome = 'pending' | 'done' | 'refused' | 'silent' | 'failed' | 'lost';

/** A request of a client. Its number is also what it writes. */
export interface Operation {
  readonly id: number;
  readonly kind: Kind;
  /** '' for those that concern no key, or several. */
  readonly key: string;
  readonly host: Host;
  readonly connection: number;
  /** Within its connection. */
  readonly position: number;
  readonly sentAt: number;
  readonly flags: number;
  /** Seconds; 0: none. */
  readonly ttl: number;
  outcome: Outcome;
  /** When its outcome was known to the client: answered, or its connection lost. */
  endedAt: number;
  /** incr: what it counted to. */
  counted: Version | null;
  /** When a copy last carried it out for a connection whose other end was gone. */
  lateAt: number;
}

/** What a client was told about a key. */
export interface Reading {
  readonly operation: Operation;
  readonly key: string;
  readonly version: Version;
}

/** A client was told that there is nothing under a key. */
export interface Miss {
  readonly operation: Operation;
  readonly key: string;
}

/** What a copy holds for a key from `at` on; null: nothing. */
export interface CopyRecord {
  readonly at: number;
  readonly epoch: number;
  readonly version: Version | null;
  /** Carried out for a connection whose other end was gone: whoever sent it went on without this copy. */
  readonly late: boolean;
}

/** An epoch of a copy begins with the start of its process or with a flush_all: nothing of what was before is left. */
export interface Epoch {
  readonly at: number;
  /** Which process. */
  readonly life: number;
  /** A flush_all for a connection whose other end was gone. */
  readonly late: boolean;
}

export interface CopyHistory {
  readonly epochs: Epoch[];
  readonly records: Map<string, CopyRecord[]>;
  /** When its processes ended. */
  readonly deaths: number[];
}

export interface History {
  readonly operations: Operation[];
  readonly readings: Reading[];
  readonly misses: Miss[];
  readonly copies: Readonly<Record<Host, CopyHistory>>;
}

export function createHistory(): History {
  const copy = (): CopyHistory => ({ epochs: [], records: new Map(), deaths: [] });
  return { operations: [], readings: [], misses: [], copies: { A: copy(), B: copy() } };
}

const NONE: readonly CopyRecord[] = [];

export function recordsOf(copy: CopyHistory, key: string): readonly CopyRecord[] {
  return copy.records.get(key) ?? NONE;
}

/** The number of the epoch that a copy is in at `time`; -1: before its first. */
export function epochAt(copy: CopyHistory, time: number): number {
  let number = copy.epochs.length - 1;
  while (number >= 0 && copy.epochs[number]!.at > time) number--;
  return number;
}
