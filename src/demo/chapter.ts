/**
 * One chapter: something is done, the demo waits until all that must follow was seen, and shows the timeline, the
 * picture and what the client felt. Owns the waiting and the checks; what the chapters are stands in scenario.ts.
 */
import { until } from '../lab/await.ts';
import type { Capture } from '../lab/capture.ts';
import type { LabClient } from '../lab/client.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { type Check, differences, type Expected, missing, type Wanted } from './checks.ts';
import { clientMoments, milliseconds } from './client-moments.ts';
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
  /** Only a line on the outcome, no timeline and no picture. */
  readonly brief?: boolean;
}

/** Something that had to come did not; the message is for people. */
export class DemoFailure extends Error {}

/** Logs and captures are right to a millisecond. */
const UNSURE = 1;

/** How long the rest may take when all that was wanted has been seen: hooks, the kernel's view, in ms. */
const SETTLE = 3000;

export async function play(scene: Scene, chapter: Chapter): Promise<void> {
  const { print, style } = scene;
  print('');
  print(style.bold(`== ${chapter.title}`));
  const before = await views(scene);
  print(style.dim(`   ${chapter.waiting} ...`));
  const from = monotonicNow();
  await chapter.act();
  await awaitWanted(scene, chapter, from);
  const now = await awaitViews(scene, chapter);
  // A host's last words and the capture may be a moment behind.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const moments = await collect(scene, chapter, from);

  if (!chapter.brief) {
    print('');
    for (const line of formatTimeline(moments, from, style)) print(line);
    print('');
    for (const line of picture(now, style, before)) print(line);
  }
  print(`  ${whoHolds(now)}`);
  const lacking = missing(chapter.wantedOnWire, moments).map(inWords);
  verify(
    scene,
    lacking.length === 0,
    `on the wire${lacking.length > 0 ? `, not seen: ${lacking.join(', ')}` : ''}`,
  );
  if (chapter.noElection === true) {
    const elected = moments.filter(({ kind }) => ['master', 'backup', 'fault'].includes(kind));
    verify(scene, elected.length === 0, 'no election');
  }
  await judgeGap(scene, chapter, from);
}

/** Notes a check and, when it did not hold, says so at once. */
export function verify({ checks, print, style }: Scene, held: boolean, text: string): void {
  checks.push({ held, text });
  if (!held) print(style.bad(`  NOT SO: ${text}`));
}

async function judgeGap(scene: Scene, { longestGap, title }: Chapter, from: number): Promise<void> {
  if (scene.client === null || longestGap === undefined) return;
  const gap = await scene.client.longestGap(from);
  scene.print(`  The client was without an answer for ${scene.style.bold(milliseconds(gap))}.`);
  verify(
    scene,
    gap <= longestGap,
    `${title}: ${milliseconds(gap)} without an answer, at most ${longestGap} ms`,
  );
}

async function awaitWanted(scene: Scene, { wanted, patience, title }: Chapter, from: number): Promise<void> {
  const seen = () => soFar(scene, from);
  try {
    await until('', () => broken(scene) !== null || missing(wanted, seen()).length === 0, {
      timeout: patience,
      every: 10,
    });
  } catch {
    const lacking = missing(wanted, seen()).map(inWords).join(', ');
    throw new DemoFailure(`${title}: after ${patience} ms this was not seen: ${lacking}`);
  }
  const complaint = broken(scene);
  if (complaint !== null) throw new DemoFailure(complaint);
}

async function awaitViews(scene: Scene, { expected, title }: Chapter): Promise<Views> {
  let now = await views(scene);
  let differs: string[] = [];
  const agree = async () => {
    now = await views(scene);
    const said = await Promise.all(Object.values(scene.hosts).map((host) => host.contradictions()));
    differs = [...differences(now, expected), ...said.flat()];
    return differs.length === 0;
  };
  try {
    await until('', agree, { timeout: SETTLE, every: 100 });
  } catch {
    throw new DemoFailure(`${title}: ${differs.join('; ')}`);
  }
  return now;
}

/** What was seen of the hosts and by the client since `from`. */
function soFar({ hosts, client }: Scene, from: number): Moment[] {
  const ofHosts = Object.values(hosts).flatMap(({ moments }) =>
    moments.filter(({ t }) => t >= from - UNSURE),
  );
  return [...ofHosts, ...clientMoments(client?.events ?? [], from)];
}

async function collect(scene: Scene, { acted }: Chapter, from: number): Promise<Moment[]> {
  const seen = soFar(scene, from);
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

export async function views({ hosts }: Scene): Promise<Views> {
  const [A, B] = await Promise.all([hosts.A.view(), hosts.B.view()]);
  return { A, B };
}
