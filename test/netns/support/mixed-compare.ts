/** The comparison: a scenario on two keepaliveds, on both mixed pairs and on two of ours, in labs side by side. */
import { expect } from 'vitest';
import type { Setting } from './mixed-pair.ts';
import { type Played, play, type Scenario } from './mixed-scenario.ts';
import type { Program } from './vrrp-node.ts';

export const SETTINGS: readonly Setting[] = [
  { name: 'v2 PASS multicast', version: 2, interval: 1, password: '1111', unicast: false },
  { name: 'v3 unicast', version: 3, interval: 0.4, unicast: true },
];

/** Which program runs on A and on B; the first is what the others are compared with. */
const PAIRS: ReadonlyArray<{ readonly name: string; readonly a: Program; readonly b: Program }> = [
  { name: 'KK', a: 'keepalived', b: 'keepalived' },
  { name: 'KM', a: 'keepalived', b: 'memcache-ha' },
  { name: 'MK', a: 'memcache-ha', b: 'keepalived' },
  { name: 'MM', a: 'memcache-ha', b: 'memcache-ha' },
];

/** Every setting with every scenario, for `test.concurrent.each`. */
export function cases(scenarios: readonly Scenario[]) {
  return SETTINGS.flatMap((setting) => scenarios.map((scenario) => ({ setting, scenario })));
}

/** Plays the scenario on every pair of programs: same states in the same order, same holder, within the RFC's times. */
export async function comparePairs(setting: Setting, scenario: Scenario): Promise<void> {
  const played = await Promise.all(
    PAIRS.map(async ({ name, ...programs }) => ({
      name,
      programs,
      ...(await play(setting, scenario, programs)),
    })),
  );
  report(`${setting.name}: ${scenario.name}`, played);
  const [reference, ...others] = played;
  const standings = scenario.phases.map(({ what, stands }) => `${what}: holders ${stands.holders}`);
  for (const { name, outcomes, log } of played) {
    const seen = outcomes.map(({ what, sequence }) => `${what}: ${/holders \w*$/.exec(sequence)?.[0]}`);
    expect(seen, `who holds the address, ${name}; ${log}`).toEqual(standings);
  }
  for (const { name, programs, outcomes, log } of others) {
    const wanted = reference!.outcomes.map(({ what, sequence }, index) => {
      const departure = scenario.phases[index]!.departure;
      const departs = departure !== undefined && programs[departure.on] === 'memcache-ha';
      return `${what}: ${departs ? departure.sequence : sequence}`;
    });
    const seen = outcomes.map(({ what, sequence }) => `${what}: ${sequence}`);
    expect(seen, `${name} against KK; ${log}\nand KK:\n${reference!.log}`).toEqual(wanted);
  }
  for (const { name, outcomes, log } of played) {
    for (const { what, took, bound, notBefore } of outcomes) {
      expect(took, `${name}: ${what}, too soon; ${log}`).toBeGreaterThanOrEqual(notBefore);
      expect(took, `${name}: ${what}, ms until the last change of state; ${log}`).toBeLessThanOrEqual(bound);
    }
  }
}

/** The sequence of the keepaliveds, and the times of all pairs beside each other. */
function report(title: string, played: ReadonlyArray<Played & { readonly name: string }>): void {
  const reference = played[0]!;
  const lines = reference.outcomes.flatMap(({ what, sequence, bound }, index) => {
    const figures = played.map(({ name, outcomes }) => {
      const { took, unheld, doubled } = outcomes[index]!;
      return `${name} ${took.toFixed(0)} (${unheld.toFixed(0)}, ${doubled.toFixed(0)})`;
    });
    return [
      `  ${what}: ${sequence}`,
      `    ms until it stood (held by nobody, by both), at most ${bound.toFixed(0)}: ${figures.join(', ')}`,
      ...played
        .filter(({ outcomes }) => outcomes[index]!.sequence !== sequence)
        .map(({ name, outcomes }) => `    DIFFERENT in ${name}: ${outcomes[index]!.sequence}`),
    ];
  });
  process.stdout.write(`${title}\n${lines.join('\n')}\n`);
}
