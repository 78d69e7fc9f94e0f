/** What a person needs to understand a violated promise and to see it again. */
import { ALL_KEYS } from './requests.ts';
import type { Scenario } from './scenario.ts';
import type { Outcome } from './simulation.ts';

/** Lines of the trace that a violation of a key can do without. */
function isAboutOthers(line: string, key: string): boolean {
  const [who] = line.trim().split(/\s+/).slice(1);
  if (who !== 'client' && who !== 'copy') return false;
  return !/ (starts|is killed|is stopped|goes on|is flushed|loses)/.test(line) && !mentions(line, key);
}

const mentions = (text: string, key: string): boolean =>
  new RegExp(`(^|[ "])${key}($|[ :,"\\\\])`).test(text) || text.includes('flush_all');

/** The seed, the plan, the trace, and how to replay it. `whole`: the trace with everything, not just what may matter. */
export function report(scenario: Scenario, outcome: Outcome, whole = false): string {
  const { violation, operations, done } = outcome;
  const key = ALL_KEYS.find((one) => violation?.message.split(/[ ,:]+/).includes(one));
  const wanted = key === undefined || whole ? () => true : (line: string) => !isAboutOthers(line, key);
  const trace = outcome.trace.filter(wanted);
  const { seed, proxies, first, clients, think, capacity, faults, healedAt, quietAt } = scenario;
  return [
    '',
    `seed ${seed}: ${violation === null ? 'everything held' : violation.message}`,
    `replay: SEED=${seed} npx vitest run --project simulation test/simulation/copies`,
    `proxies: ${proxies}, the address is with ${first}; ${clients} clients that think ${think.toFixed(0)} ms; room for ${capacity}`,
    'plan:',
    ...faults.map((fault) => {
      const { at, until, ...rest } = fault;
      return `  ${at.toFixed(1)} to ${until.toFixed(1)} ${JSON.stringify(rest)}`;
    }),
    `  healed ${healedAt.toFixed(1)}, quiet ${quietAt.toFixed(1)}`,
    `${operations} requests, ${done} done`,
    `trace, ${trace.length} of ${outcome.trace.length} lines:`,
    ...trace,
  ].join('\n');
}
