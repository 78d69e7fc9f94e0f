/**
 * Carries a drill out: watches, makes the fault, waits for what comes of it, undoes it, and waits until both hosts are
 * well. Every wait has a bound, and whatever happens in between, the undoing is done. What it means is judged elsewhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabClient } from '../lab/client.ts';
import type { Gap, Summary } from '../lab/client-ledger.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { keepLooking, look } from './ask.ts';
import { deleteKey, startDrillClient } from './client.ts';
import { counterpart, HERE, instanceNamed, type Sight } from './hosts.ts';
import { type Janitor, startJanitor } from './janitor.ts';
import type { Moment } from './moment.ts';
import { createObservation, type Observation } from './observation.ts';
import type { PreparedDrill } from './prepare.ts';
import { effectLacking, holdTime, quietTime } from './progress.ts';
import { pairTroubles } from './readiness.ts';
import { Refusal } from './refusal.ts';
import { strike } from './strike.ts';
import { milliseconds } from './words.ts';

export interface CourseOptions {
  /** The words that run this program. */
  readonly self: readonly string[];
  /** Aborts with the name of a signal as its reason. */
  readonly signal: AbortSignal;
  /** A line on what is being done or waited for. */
  readonly progress: (line: string) => void;
}

/** What happened; times in ms on CLOCK_MONOTONIC. */
export interface CourseResult {
  readonly watchedFrom: number;
  readonly struckAt: number;
  /** Wall clock minus monotonic clock, in ms. */
  readonly wallClock: number;
  readonly undoneAt: number;
  readonly endedAt: number;
  readonly effectLacking: string | null;
  readonly errors: readonly string[];
  readonly undoFailures: readonly string[];
  readonly troubles: readonly string[];
  readonly observation: Observation;
  /** What the drill did. */
  readonly moments: readonly Moment[];
  /** Null: the client died. */
  readonly summary: Summary | null;
  /** The one that has not ended is among them. */
  readonly gaps: readonly Gap[];
}

/** How long the client may take for its first answer, and watches before the fault, in ms. */
const FIRST_ANSWER = 3_000;
const BEFORE = 1_000;
/** Between two looks at how far it is, in ms. */
const TICK = 50;
/** Between two lines on what is waited for, in ms. */
const SPOKEN_EVERY = 5_000;
/** A client without an answer for so long is not being answered, in ms. */
const ANSWERED_LATELY = 50;

/** Rejects with Refusal when nothing was done. */
export async function runCourse(drill: PreparedDrill, options: CourseOptions): Promise<CourseResult> {
  const { self, signal, progress } = options;
  const { target, key, victim, sources } = drill;
  const { timeout } = drill.options;
  const lifetime = 3 * timeout + 120_000;
  const client = startDrillClient(self, target, key, lifetime);
  let janitor: Janitor | null = null;
  let stopLooking = (): void => {};
  try {
    progress(`watching ${target} ...`);
    await firstAnswer(client, target);
    janitor = await startJanitor(self, victim.steps, 2 * timeout + 60_000);
    const watchedFrom = monotonicNow();
    await pause(BEFORE, signal);
    if (signal.aborted) throw new Refusal(`${signal.reason}: nothing was done`);
    const sights = await Promise.all(sources.map(look));
    const troubles = pairTroubles(sights, drill.instance.name);
    if (troubles.length > 0)
      throw new Refusal(`nothing was done, for the pair is not well any more:\n  ${troubles.join('\n  ')}`);
    const own = instanceNamed(sights[0]!.status, drill.instance.name)!;
    if (own.state !== drill.role)
      throw new Refusal(`nothing was done: ${own.name} has become ${own.state} meanwhile`);
    const wallClock = Date.now() - monotonicNow();
    const observation = createObservation(
      (label, status) =>
        label === HERE ? instanceNamed(status, own.name) : counterpart(drill.instance, status),
      wallClock,
    );
    for (const sight of sights) observation.add(sight);
    // A question that was under way at the fault, and then got no answer, tells of the time after it.
    const fault: { at: number | null } = { at: null };
    stopLooking = keepLooking(sources, (sight) => {
      const asked = sight.status === null ? Math.max(sight.asked, fault.at ?? 0) : sight.asked;
      observation.add({ ...sight, asked });
    });
    return await strikeAndUndo(drill, options, {
      ...{ client, janitor, observation, fault, watchedFrom, wallClock, before: sights[0]! },
    });
  } finally {
    stopLooking();
    await janitor?.undo();
    await client.process.stop();
    await deleteKey(target, key);
  }
}

interface Means {
  readonly client: LabClient;
  readonly janitor: Janitor;
  readonly observation: Observation;
  /** To be told when the fault was made. */
  readonly fault: { at: number | null };
  readonly watchedFrom: number;
  readonly wallClock: number;
  readonly before: Sight;
}

async function strikeAndUndo(
  drill: PreparedDrill,
  { signal, progress }: CourseOptions,
  { client, janitor, observation, fault: made, watchedFrom, wallClock, before }: Means,
): Promise<CourseResult> {
  const { expectation, victim, instance } = drill;
  const { fault, timeout } = drill.options;
  const advert = instance.advert_seconds ?? 1;
  const errors: string[] = [];
  const moments: Moment[] = [];
  const act = (text: string): number => {
    const t = monotonicNow();
    moments.push({ t, who: 'drill', mood: 'act', text });
    progress(text);
    return t;
  };
  /** Resolves with what lacks in the end, null when nothing does. */
  const waitFor = async (lacking: () => Promise<string | null>, isOver: () => boolean) => {
    const until = monotonicNow() + timeout;
    let speak = monotonicNow() + SPOKEN_EVERY;
    for (;;) {
      const lacks = await lacking();
      if (lacks === null || isOver() || monotonicNow() > until) return lacks;
      if (monotonicNow() > speak) {
        progress(`waiting: ${lacks}`);
        speak = monotonicNow() + SPOKEN_EVERY;
      }
      await sleep(TICK);
    }
  };

  const struckAt = act(victim.words);
  made.at = struckAt;
  try {
    await strike(victim.strike, (error) => errors.push(error.message));
  } catch (error) {
    errors.push(`the fault could not be made: ${(error as Error).message}`);
  }
  let effect: string | null = null;
  if (errors.length === 0) {
    effect = await waitFor(
      async () => {
        const answered = await isAnswered(client, struckAt);
        const sights = observation.latest();
        return effectLacking({
          ...{
            fault,
            expectation,
            instance: instance.name,
            before: before.status!,
            sights,
            struckAt,
            answered,
          },
        });
      },
      () => signal.aborted || errors.length > 0,
    );
    if (effect === null) await pause(holdTime(fault, expectation, advert), signal);
    else if (!signal.aborted) effect = `within ${milliseconds(timeout)}: ${effect}`;
  }
  const undoneAt = act(undoWords(drill, signal));
  const undoFailures = await janitor.undo();

  const quiet = quietTime(advert);
  let troubles: string[] = [];
  await waitFor(
    async () => {
      troubles = agreeing(observation, undoneAt, instance.name);
      const latest = Math.max(undoneAt, ...observation.transitions().map(({ t }) => t));
      const still = monotonicNow() - latest;
      return troubles[0] ?? (still < quiet && !signal.aborted ? 'whether anybody preempts' : null);
    },
    () => false,
  );
  const endedAt = monotonicNow();
  if (troubles.length === 0)
    act(drill.sources.length > 1 ? 'sees that all hosts are well' : 'sees that this host is well');
  const summary = await client.stop().catch((error: Error) => {
    errors.push(error.message);
    return null;
  });
  const gaps = summary === null ? [] : [...summary.gaps, ...openGap(summary, endedAt)];
  return {
    ...{ watchedFrom, struckAt, wallClock, undoneAt, endedAt, effectLacking: effect, errors },
    ...{ undoFailures, troubles, observation, summary, gaps },
    moments,
  };
}

function undoWords({ victim }: PreparedDrill, signal: AbortSignal): string {
  const why = signal.aborted ? `${signal.reason}: ` : '';
  return `${why}${victim.steps.length === 0 ? 'nothing more to undo' : 'undoes it'}`;
}

/** The troubles by answers that are newer than the undoing. */
function agreeing(observation: Observation, undoneAt: number, name: string): string[] {
  const sights = observation.latest();
  const old = sights.filter(({ asked }) => asked < undoneAt);
  return old.length > 0
    ? old.map(({ label }) => `${label} has not answered since`)
    : pairTroubles(sights, name);
}

async function isAnswered(client: LabClient, struckAt: number): Promise<boolean> {
  try {
    const { lastAnswer, openGap } = await client.standing();
    return lastAnswer !== null && lastAnswer > struckAt && openGap < ANSWERED_LATELY;
  } catch {
    return false; // it has died: its summary tells
  }
}

async function firstAnswer(client: LabClient, target: string): Promise<void> {
  const late = new AbortController();
  try {
    await Promise.race([
      client.started,
      sleep(FIRST_ANSWER, undefined, { signal: late.signal }).then(() => {
        throw new Error('none');
      }),
    ]);
  } catch {
    throw new Refusal(
      `nothing was done: no right answer at ${target} within ${FIRST_ANSWER / 1000} s from this host; say with --target where clients ask`,
    );
  } finally {
    late.abort();
  }
}

/** So long, or until the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

function openGap({ lastAnswer, openGap: gap }: Summary, endedAt: number): Gap[] {
  if (lastAnswer === null || gap < ANSWERED_LATELY) return [];
  return [
    { from: lastAnswer, to: Math.max(endedAt, lastAnswer + gap), gap, reason: 'not answered any more' },
  ];
}
