/**
 * What every drill is made of: who serves, what the hooks were told, how long a client is without an answer. Times are
 * measured and printed; what is asserted of them is wide, because the machine may be busy.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../../../src/lab/await.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import { ask } from '../../../src/lab/programs.ts';
import type { Drilled } from './drilled.ts';
import { measured } from './measured.ts';
import { type Member, type Pair, PROXY_PORT, VIP } from './pair.ts';
import { type Truth, tellsTheTruth } from './truth.ts';

/** A pair in a drill. */
export interface Course {
  readonly pair: Pair;
  readonly drilled: Drilled;
}

/** Words for the hooks of each host. */
export type Told = Readonly<Record<'a' | 'b', readonly string[]>>;

/**
 * What is asserted beyond the protocol's own time, in ms. Measured is a tenth of it, but on a busy machine a proxy may need
 * a second to start; and Skew_Time with it is still less than Master_Down_Interval.
 */
export const MARGIN = 2000;
/** A living master hands over to another with hardly a gap, in ms. */
const HANDOVER = 100;

/** What the hooks were told when A was elected. */
export const ELECTED = { a: ['Backup', 'Master'], b: ['Backup'] } as const;
/** And B's when it is MASTER after that. */
export const B_MASTER = [...ELECTED.b, 'Master'] as const;

/** Resolves when this host alone has the address and answers there. */
export async function serves({ pair, drilled }: Course, { host, daemon, memcached }: Member): Promise<void> {
  await daemon.waitState('MASTER', 15_000);
  await pair.waitHolder(host.name as 'a' | 'b');
  await until(`${host.name} answers at ${drilled.target}`, async () =>
    drilled.hasProxy
      ? await host.listens(PROXY_PORT, VIP)
      : (await ask(pair.lab.client, drilled.target, 'stats')).includes(`STAT pid ${memcached.pid}\n`),
  );
}

/** As `tellsTheTruth`, which waits for it. */
export const truth = ({ drilled }: Course, member: Member, what: Truth) =>
  tellsTheTruth(member, drilled, what);

/** The hooks of both hosts were told this since they started, in this order and no more. */
export async function told({ pair, drilled }: Course, words: Told): Promise<void> {
  const { told: read } = drilled;
  if (read === null) return;
  for (const { host } of [pair.a, pair.b]) {
    const expected = words[host.name as 'a' | 'b'];
    await until(`notify.sh on ${host.name} was told`, () => read(host).length >= expected.length);
    expect(read(host)).toEqual(expected);
  }
}

/**
 * Asks each ms while something happens and measures how long there was no answer.
 * @param limit what the protocol allows, in ms
 * @param done resolves when it is over
 */
export async function gapDuring(
  { pair, drilled }: Course,
  what: string,
  limit: number,
  done: () => Promise<unknown>,
): Promise<void> {
  const client = await pair.client(drilled.target);
  await sleep(300);
  await done();
  await client.waitAnswer(monotonicNow());
  const gap = (await client.stop()).longestGap;
  measured(`${drilled.name}: ${what}, the client's longest gap (at most ${limit})`, gap);
  expect(gap).toBeLessThan(limit + MARGIN);
}

/** A fails in this way, B is MASTER within `limit` ms, and serves. */
export async function failsOver(
  course: Course,
  what: string,
  limit: number,
  fail: () => unknown,
): Promise<void> {
  await gapDuring(course, what, limit, async () => {
    const begun = monotonicNow();
    await fail();
    const master = await course.pair.b.daemon.waitLog(/^BACKUP -> MASTER/, { after: begun, timeout: 15_000 });
    measured(`${course.drilled.name}: ${what}, until B is MASTER (at most ${limit})`, master.t - begun);
    expect(master.t - begun).toBeLessThan(limit + MARGIN);
    await serves(course, course.pair.b);
  });
  await truth(course, course.pair.b, { state: 'MASTER', master: course.pair.b });
}

/** A is well again: it takes over with hardly a gap where it preempts, and leaves B alone where it does not. */
export async function comesBack(
  course: Course,
  what: string,
  before: Told,
  mend: () => unknown,
): Promise<void> {
  const { pair, drilled } = course;
  const { a, b } = pair;
  await gapDuring(course, what, HANDOVER, async () => {
    await mend();
    if (drilled.preempts) return serves(course, a);
    await a.daemon.waitState('BACKUP');
    await sleep(drilled.masterDown + 500);
    await serves(course, b);
  });
  const master = drilled.preempts ? a : b;
  for (const member of [a, b]) {
    await truth(course, member, { state: member === master ? 'MASTER' : 'BACKUP', master });
  }
  await told(course, {
    a: [...before.a, 'Backup', ...(drilled.preempts ? ['Master'] : [])],
    b: [...before.b, ...(drilled.preempts ? ['Backup'] : [])],
  });
}
