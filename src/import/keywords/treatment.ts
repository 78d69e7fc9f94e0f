/** What becomes of a keyword: the kinds of rows that the tables of this folder are made of. */
import type { Collection, Loss, Scalar } from '../model.ts';
import type { Statement } from '../read/tree.ts';

/** What a converter may know beyond its statement. */
export interface Context {
  /** The VRRP version of the instance; 2 outside of one. */
  readonly version: 2 | 3;
  /** global_defs.script_user, or null. */
  readonly scriptUser: string | null;
}

/** A value, with what of the statement it leaves out; or the reason why there is none. */
export type Converted =
  | {
      readonly ok: true;
      readonly value: Scalar | Collection;
      readonly remark?: string;
      readonly losses?: readonly Loss[];
    }
  | { readonly ok: false; readonly reason: string };

export type Convert = (statement: Statement, context: Context) => Converted;

export type Treatment =
  /** It has a key of ours. `again`: what keepalived makes of a keyword that is given twice. */
  | {
      readonly kind: 'carry';
      readonly key: string;
      readonly convert: Convert;
      readonly again: 'first' | 'last' | 'append';
    }
  /** memcache-ha is so anyway, nothing is lost. */
  | { readonly kind: 'inherent' }
  /** There is nothing like it. */
  | { readonly kind: 'absent'; readonly reason: string }
  /** A default of the instances under this keyword; each gets it, unless our global_defs has the same default. */
  | { readonly kind: 'default'; readonly keyword: string; readonly convert: Convert };

/** The keywords of one block, in the order in which ours are written. */
export type Table = ReadonlyMap<string, Treatment>;

export function carry(key: string, convert: Convert, again: 'first' | 'last' | 'append' = 'last'): Treatment {
  return { kind: 'carry', key, convert, again };
}

export function inherent(): Treatment {
  return { kind: 'inherent' };
}

export function absent(reason: string): Treatment {
  return { kind: 'absent', reason };
}

export function defaultFor(keyword: string, convert: Convert): Treatment {
  return { kind: 'default', keyword, convert };
}

/** The same treatment for several keywords. */
export function each(keywords: string, treatment: Treatment): [string, Treatment][] {
  return keywords.split(' ').map((keyword) => [keyword, treatment]);
}
