/**
 * One chapter: something is done, the demo waits until all that must follow was seen, and shows the timeline, the
 * picture and what the client felt. Owns the waiting and the checks; what the chapters are stands in scenario.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lab/await.ts';
import type { Capture } from '../lab/capture.ts';
import type { LabClient } from '../lab/client.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { type Check, differences, type Expected, missing, type Wanted } from './checks.ts';
import { type Felt, feltByClient, milliseconds } from './client-moments.ts';
import type { DemoHost } from './demo-host.ts';
import { type Moment, subject } from './moment.ts';
import { picture, type Views, whoHolds } from './picture.ts';
import type { Label } from './settings.ts';
import type { Style } from './style.ts';
import { formatTimeline } from './timeline.ts';
import { type Station, wireMoments } from './wire-moments.ts';

/** All that a chapter works with. */
export interface Scene {
  readonly hosts: Readonly<Record<Label, DemoHost>>;
  readonly capture: Capture;
  readonly style: Style;
  /** Null until there is a VIP to ask. */
  client: LabClient | null;
  readonly checks: Check[];
  /** How long the client was without an answer in each chapter, for the summary. */
  readonly felt: { readonly title: string; readonly felt: string }[];
  print(line: string): void;
}

export interface Chapter {
  readonly title: string;
  /** What is being waited for; shown before the wait. */
  readonly waiting: string;
  /** Does it. */
  act(): Promise<void> | void;
  /** What was done, as the first line of the timeline. */
  readonly acted: string;
  readonly wanted: readonly Wanted[];
  /** Of the wire; read when all the others were seen. */
  readonly wantedOnWire: readonly Wanted[];
  /** No host may change its state. */
  readonly noElection?: boolean;
  readonly expected: Expected;
  /** Longest time in ms that the client may be without an answer: a wide margin for a busy machine. */
  readonly longestGap?: number;
  /** How long all of it may take, in ms. */
  readonly patience: number;
  /** Only lines on the outcome, no timeline and no picture. */
  readonly brief?: boolean;
}

/** Something that had to come did not; the message is for people. */
export class DemoFailure extends Error {}

/** Logs and captures are right to a millisecond. */
const UNSURE = 1;

/** How long a chapter goes on when all that was wanted has been seen, in ms. */
const LAST_WORDS = 150;

/** How long the kernel's view may take until it is as expected, in ms. */
const SETTLE = 3000;

/** A shorter gap in ms that has no cause is not worth a word. */
const NOISE = 20;

export async function play(scene: Scene, chapter: Chapter): Promise<void> {
  const { print, style } = scene;
  print('');
  print(style.bold(`== ${chapter.title}`));
  const before = await views(scene);
  print(style.dim(`   ${chapter.waiting} ...`));
  const from = monotonicNow();
  await chapter.act();
  await awaitWanted(scene, chapter, from);
  await sleep(LAST_WORDS);
  await scene.client?.waitAnswer(monotonicNow());
  // Looking at the hosts costs the machine something, which is no part of the chapter.
  const { seen, felt } = soFar(scene, from);
  const now = await awaitViews(scene, chapter);
  const moments = await withTheRest(scene, chapter, seen, from);

  if (chapter.brief !== true) {
    print('');
    for (const line of formatTimeline(moments, from, style)) print(line);
    print('');
    for (const line of picture(now, style, before)) print(line);
  }
  print(`  ${whoHolds(now)}`);
  const lacking = missing(chapter.wantedOnWire, moments).map(inWords);
  verify(scene, lacking.length === 0, `${chapter.title}: not seen on the wire: ${lacking.join(', ') || '-'}`);
  if (chapter.noElection === true) {
    const elected = moments.filter(({ kind }) => ['master', 'backup', 'fault'].includes(kind));
    verify(scene, elected.length === 0, `${chapter.title}: no election`);
  }
  judgeGap(scene, chapter, felt);
}

/** Notes a check and, when it did not hold, says so at once. */
export function verify({ checks, print, style }: Scene, held: boolean, text: string): void {
  checks.push({ held, text });
  if (!held) print(style.bad(`  NOT SO: ${text}`));
}

function judgeGap(scene: Scene, { longestGap, title }: Chapter, { longest, noise }: Felt): void {
  if (scene.client === null || longestGap === undefined) return;
  const felt = longest === 0 ? 'less than 5 ms' : milliseconds(longest);
  const beside = noise < NOISE ? '' : ` (and ${milliseconds(noise)} when no host changed anything)`;
  scene.print(`  The client was without an answer for ${scene.style.bold(felt)}${beside}.`);
  scene.felt.push({ title, felt });
  // A long gap that nothing explains is a bug too.
  const gap = Math.max(longest, noise);
  verify(scene, gap <= longestGap, `${title}: ${milliseconds(gap)} unanswered, at most ${longestGap} ms`);
}

async function awaitWanted(scene: Scene, { wanted, patience, title }: Chapter, from: number): Promise<void> {
  const lacking = () => missing(wanted, soFar(scene, from).seen);
  const done = () => broken(scene) !== null || lacking().length === 0;
  try {
    await until(title, done, { timeout: patience, every: 10 });
  } catch {
    for (const line of formatTimeline(soFar(scene, from).seen, from, scene.style)) scene.print(line);
    throw new DemoFailure(`${title}: not seen within ${patience} ms: ${lacking().map(inWords).join(', ')}`);
  }
  const complaint = broken(scene);
  if (complaint !== null) throw new DemoFailure(complaint);
}

/** The hosts as they are, once the kernel and the daemons agree on what is expected. */
async function awaitViews(scene: Scene, { expected, title }: Chapter): Promise<Views> {
  let differs: string[] = [];
  const agreed = async () => {
    const now = await views(scene);
    const said = await Promise.all(Object.values(scene.hosts).map((host) => host.contradictions()));
    differs = [...differences(now, expected), ...said.flat()];
    return differs.length === 0 && now;
  };
  try {
    return await until(title, agreed, { timeout: SETTLE, every: 100 });
  } catch (error) {
    throw new DemoFailure(`${title}: ${differs.join('; ') || (error as Error).message}`);
  }
}

/** What was seen of the hosts and by the client since `from`. */
function soFar({ hosts, client }: Scene, from: number): { seen: readonly Moment[]; felt: Felt } {
  const ofHosts = Object.values(hosts).flatMap(({ moments }) =>
    moments.filter(({ t }) => t >= from - UNSURE),
  );
  const felt = feltByClient(client?.events ?? [], ofHosts, from);
  return { seen: [...ofHosts, ...felt.moments], felt };
}

/** From the act to the frames of the capture. */
async function withTheRest(
  scene: Scene,
  { acted }: Chapter,
  seen: readonly Moment[],
  from: number,
): Promise<readonly Moment[]> {
  const stations = Object.values(scene.hosts).map(
    ({ label, host: { address, mac } }): Station => ({ label, address, mac }),
  );
  // Whoever was MASTER all the time advertises every second and announces again: that is no news.
  const isNews = (moment: Moment) =>
    moment.kind === 'resigns' ||
    seen.some(({ kind, witness }) => kind === 'master' && witness === subject(moment));
  const wire = wireMoments(await scene.capture.frames(), stations, from - UNSURE).filter(isNews);
  return [{ t: from, witness: 'demo', kind: 'act', text: acted }, ...seen, ...wire];
}

const broken = ({ hosts }: Scene) => hosts.A.broken() ?? hosts.B.broken();

const inWords = ([who, kind]: Wanted) => `${who} ${kind}`;

async function views({ hosts }: Scene): Promise<Views> {
  const [A, B] = await Promise.all([hosts.A.view(), hosts.B.view()]);
  return { A, B };
}
