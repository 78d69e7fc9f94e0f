/**
 * What the checkers judge by: the history, who could reach whom, the order of the requests, and the eras of each copy. An era
 * begins when nothing of what was before matters any more: with the start of the process, with a flush_all that no client
 * asked for (a proxy emptied the copy), and with a client's that both copies carried out.
 */
import { type Epoch, type History, type Host, otherHost } from '../history.ts';
import type { Reach } from '../reach.ts';
import { dueAt, type Order, orderOf } from './order.ts';

export interface Evidence {
  readonly history: History;
  readonly reach: Reach;
  readonly order: Order;
  readonly eras: Readonly<Record<Host, Eras>>;
}

export interface Eras {
  /** By the number of an epoch: the number of the epoch that its era began with. */
  readonly eraOf: readonly number[];
  /** When the era that began with this epoch ended; Infinity: not yet. */
  endOf(era: number): number;
}

export function gatherEvidence(history: History, reach: Reach): Evidence {
  const order = orderOf(history, reach);
  return { history, reach, order, eras: { A: erasOf('A', history, order), B: erasOf('B', history, order) } };
}

function isFlush({ life }: Epoch, number: number, epochs: readonly Epoch[]): boolean {
  return epochs[number - 1]?.life === life;
}

function erasOf(host: Host, history: History, order: Order): Eras {
  const { epochs } = history.copies[host];
  const other = history.copies[otherHost(host)].epochs.filter(isFlush);
  const flushes = history.operations.filter(({ kind }) => kind === 'flush_all' || kind === 'flush later');
  const eraOf: number[] = [];
  epochs.forEach((epoch, number) => {
    const { at } = epoch;
    const asked = flushes.filter((flush) => dueAt(flush) <= at && at <= order.due(flush));
    const isOneSided =
      isFlush(epoch, number, epochs) &&
      asked.length > 0 &&
      !asked.some((flush) => other.some((one) => one.at >= dueAt(flush) && one.at <= order.due(flush)));
    eraOf.push(isOneSided ? eraOf[number - 1]! : number);
  });
  return {
    eraOf,
    endOf: (era) =>
      epochs.find((_, number) => number > era && eraOf[number] === number)?.at ?? Number.POSITIVE_INFINITY,
  };
}

/** In which era the copy is at `time`; -1: before its first. */
export function eraAt({ history, eras }: Evidence, host: Host, time: number): number {
  const { epochs } = history.copies[host];
  let number = epochs.length - 1;
  while (number >= 0 && epochs[number]!.at > time) number--;
  return number < 0 ? -1 : eras[host].eraOf[number]!;
}
