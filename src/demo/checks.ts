/** What must hold for the demo to be a success. Owns the list and its result; measures nothing itself. */
import type { Moment } from './moment.ts';
import { subject } from './moment.ts';
import type { View } from './picture.ts';
import { LABELS, type Label } from './settings.ts';

export interface Check {
  readonly held: boolean;
  readonly text: string;
}

/** A thing that a chapter must have seen. */
export type Wanted = readonly [label: Label | 'client', kind: Moment['kind']];

/** Those of the wanted things that were not seen. */
export function missing(wanted: readonly Wanted[], moments: readonly Moment[]): Wanted[] {
  return wanted.filter(
    ([who, kind]) =>
      !moments.some(
        (moment) =>
          moment.kind === kind && (who === 'client' ? moment.witness === who : subject(moment) === who),
      ),
  );
}

/** Where the master is: there are its VIP and its proxy, and nowhere else. */
export interface Expected {
  readonly master: Label;
  /** The other host's state; null: no daemon runs there. */
  readonly other: string | null;
  /** Hosts whose memcached is up. */
  readonly memcached: readonly Label[];
}

/** What differs from the expectation, in words; empty when all is as it should be. */
export function differences(views: Readonly<Record<Label, View>>, expected: Expected): string[] {
  return LABELS.flatMap((label) => {
    const view = views[label];
    const master = label === expected.master;
    const state = master ? 'MASTER' : expected.other;
    const differs = (what: string, is: unknown, should: unknown) =>
      is === should ? [] : [`${label}: ${what} is ${is}, not ${should}`];
    return [
      ...differs('state', view.state, state),
      ...differs('VIP here', view.holdsVip, master),
      ...differs('proxy listening', view.proxyListens, master),
      ...differs('memcached up', view.memcachedListens, expected.memcached.includes(label)),
    ];
  });
}
