/** What a person needs to understand a violated invariant and to see it again. */
import type { Scenario } from './scenario.ts';
import type { Outcome } from './simulation.ts';

/** The seed, the plan, the trace, and how to replay it. */
export function report(scenario: Scenario, { violation, trace }: Outcome): string {
  const { seed, calm, params, warm, weights, starts, slowestAct, faults, healedAt, settledAt, endsAt } =
    scenario;
  const common = params[0]!;
  const peers = common.unicastPeers.length === 0 ? 'multicast' : `unicast to ${common.unicastPeers.length}`;
  const router = `v${common.version}, advert ${common.advertisementInterval} ms, ${peers}, lease ${common.vipLease} ms`;
  return [
    '',
    `seed ${seed}: ${violation === null ? 'all invariants hold' : violation.message}`,
    `replay: SEED=${seed} npx vitest run --project simulation`,
    `${calm ? 'calm' : 'rough'} network, ${router}, ${common.preempt ? 'preempt' : 'nopreempt'}, acts up to ${slowestAct} ms`,
    ...params.map(
      ({ priority }, i) =>
        `  ${String.fromCharCode(65 + i)} ${scenario.addresses[i]} priority ${priority} weight -${weights[i]} starts ${starts[i]!.toFixed(1)}`,
    ),
    ...(warm === null ? [] : [`copies compared, ${JSON.stringify(warm)}`]),
    'plan:',
    ...faults.map((fault) => {
      const { at, until, ...rest } = fault;
      return `  ${at.toFixed(1)} to ${until.toFixed(1)} ${JSON.stringify(rest)}`;
    }),
    `  healed ${healedAt.toFixed(1)}, settled ${settledAt.toFixed(1)}, ends ${endsAt.toFixed(1)}`,
    `trace, the last ${trace.length}:`,
    ...trace,
  ].join('\n');
}
