/**
 * A refill whose source, target or proxy is killed or stopped at seeded random moments, under a client that keeps a ledger.
 * Nothing is lost that a whole copy had which lived through it, nothing old is read, both copies agree in the end, and the
 * refill starts again by itself. Set SEED to have a run again.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyOf, readStates, storeItems } from './support/items.ts';
import { type LedgerClient, show, startLedgerClient } from './support/ledger-client.ts';
import { buildProxy, type Running, sleep, startMemcached, startProxy } from './support/processes.ts';
import { type Random, seeded } from './support/random.ts';
import { giveRecord, recordOf, until, untilWhole } from './support/refilling.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 24);
/** Rounds at a time. */
const LANES = 4;
const ITEMS = 3000;
/** So that a refill takes about 400 ms, and a busy machine is no dead copy. */
const FLAGS = ['--refill-items', '10000', '--refill-bytes', '0', '--timeout', '500'];
const MIDDLE_MS = 350;

const ACTS = [
  'kill target',
  'kill source',
  'stop target',
  'stop source',
  'kill proxy',
  'kill target and proxy',
] as const;
type Act = (typeof ACTS)[number];
/** When the act begins: as the refill begins, while it copies, or as its last item is stored. */
const MOMENTS = ['start', 'middle', 'middle', 'end'] as const;

let built: Awaited<ReturnType<typeof buildProxy>>;
beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());

interface Round {
  readonly act: Act;
  readonly moment: (typeof MOMENTS)[number];
  readonly random: Random;
  source: Running;
  target: Running;
  proxy: Running;
  /** What earlier proxies said. */
  said: string;
}

async function startNewProxy(round: Round): Promise<void> {
  round.said += round.proxy.log();
  round.proxy = await startProxy(built.file, [round.target.port], [round.source.port], FLAGS);
}

async function restart(copy: Running, pause: number): Promise<Running> {
  await copy.stop();
  await sleep(pause);
  return startMemcached(copy.port);
}

async function stopFor(copy: Running, ms: number): Promise<void> {
  copy.child.kill('SIGSTOP');
  await sleep(ms);
  copy.child.kill('SIGCONT');
}

async function waitForMoment(round: Round): Promise<void> {
  const { proxy, moment, random } = round;
  const says = (text: string) => until(text, async () => proxy.log().includes(text), 10_000, 1);
  await says('refilling');
  if (moment === 'middle') await sleep(random.below(MIDDLE_MS));
  else if (moment === 'end') await says('refilled');
}

async function perform(round: Round): Promise<void> {
  const { act, random } = round;
  const pause = random.below(300);
  switch (act) {
    case 'kill target':
      round.target = await restart(round.target, pause);
      return;
    case 'kill source':
      round.source = await restart(round.source, pause);
      return;
    case 'stop target':
      await stopFor(round.target, 100 + 4 * pause);
      return;
    case 'stop source':
      // Not always long enough to be given up.
      await stopFor(round.source, random.pick([100, 500, 2200]) + pause);
      return;
    case 'kill proxy':
      await round.proxy.stop();
      await startNewProxy(round);
      return;
    case 'kill target and proxy':
      await round.target.stop();
      await sleep(pause);
      await round.proxy.stop();
      await startNewProxy(round);
      await sleep(pause);
      round.target = await startMemcached(round.target.port);
  }
}

const KEYS = Array.from({ length: ITEMS }, (_, n) => keyOf(n));

/** From now on the source's loss, if it comes to that, may cost what the target does not have by now. */
async function expectLoss({ target }: Round, client: LedgerClient): Promise<void> {
  const had = await readStates(target.port, KEYS);
  client.loseFrom((n) => had[n] === null);
}

async function check(round: Round, client: LedgerClient): Promise<string[]> {
  const { source, target, proxy } = round;
  const [ofSource, ofTarget, read] = [
    await readStates(source.port, KEYS),
    await readStates(target.port, KEYS),
    await readStates(proxy.port, KEYS),
  ];
  const wrong = KEYS.flatMap((key, n) => {
    const values = [ofSource, ofTarget, read].map((states) => states[n]?.value.toString('latin1') ?? null);
    const [first] = values;
    const possible = client.possible(n);
    if (values.every((value) => value === first) && possible.includes(first!)) return [];
    return [
      `${key}: source, target, proxy ${values.map((value) => show([value]))}, possible ${show(possible)}`,
    ];
  });
  const records = [await recordOf(source.port), await recordOf(target.port)];
  if (records[0]!.tag !== records[1]!.tag || records[0]!.filling || records[1]!.filling)
    wrong.push(`records ${JSON.stringify(records)}`);
  return wrong;
}

async function playRound(
  number: number,
): Promise<{ about: string; wrong: readonly string[]; requests: number }> {
  const random = seeded(SEED * 1000 + number);
  const [source, target] = [await startMemcached(), await startMemcached()];
  await storeItems(source.port, ITEMS);
  await giveRecord(source.port);
  const proxy = await startProxy(built.file, [target.port], [source.port], FLAGS);
  const act = ACTS[number % ACTS.length]!;
  const round: Round = { act, moment: random.pick(MOMENTS), random, source, target, proxy, said: '' };
  const client = startLedgerClient(() => round.proxy.port, ITEMS, random);
  const wrong: string[] = [];
  try {
    await waitForMoment(round);
    if (act.endsWith('source')) await expectLoss(round, client);
    await perform(round);
    // The client goes on until some time after everything is well.
    await untilWhole(round.proxy.port, 15_000);
    await sleep(100);
    await client.stop();
    await untilWhole(round.proxy.port, 15_000);
    const log = `${round.said}${round.proxy.log()}`;
    if (!log.includes(`127.0.0.1:${source.port} is out`)) client.loseFrom(() => false);
    wrong.push(...client.failures, ...(await check(round, client)));
  } catch (error) {
    wrong.push((error as Error).message);
  } finally {
    await client.stop();
    for (const running of [round.proxy, round.source, round.target]) await running.stop();
  }
  const about = `round ${number}: ${act}, ${round.moment}\n${round.said}${round.proxy.log()}`;
  return { about, wrong, requests: client.requests() };
}

it(`at ${ROUNDS} random moments, seed ${SEED}`, { timeout: 180_000 }, async () => {
  let next = 0;
  let requests = 0;
  const failed: string[] = [];
  const lane = async (): Promise<void> => {
    while (next < ROUNDS) {
      const played = await playRound(next++);
      requests += played.requests;
      if (played.wrong.length > 0) failed.push(`${played.about}${played.wrong.slice(0, 5).join('\n')}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(failed).toEqual([]);
  expect(requests).toBeGreaterThan(ROUNDS * 50);
});
