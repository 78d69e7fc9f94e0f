/** The end of a drill in lines for people. Pure. */
import type { DrillReport } from './report/report.ts';
import { milliseconds, outageWords } from './words.ts';

/** What it came to: the outage, what the client saw, the verdict. */
export function summaryLines(report: DrillReport): string[] {
  const { outage, client, outcome, reasons, fault } = report;
  return [
    outageLine(report),
    `  ${outage.measured}`,
    `  before the fault the longest was ${outageWords(outage.before_ms, outage.threshold_ms)}; when it was undone ${outageWords(outage.back_ms, outage.threshold_ms)}`,
    ...(client === null
      ? []
      : [
          `  ${client.requests} requests, ${client.answers} answered, ${client.misses} of them misses; p99 ${client.p99_ms === null ? '-' : milliseconds(client.p99_ms)}`,
        ]),
    '',
    outcome === 'good' ? `good: ${fault} was survived` : `${outcome}:`,
    ...reasons.map((reason) => `  ${reason}`),
  ];
}

/** One sentence. */
export function outageLine({ outage: { longest_ms, max_ms, threshold_ms } }: DrillReport): string {
  const allowed = max_ms === null ? '' : ` (${milliseconds(max_ms)} allowed)`;
  if (longest_ms === null) return `The outage could not be measured${allowed}.`;
  return `Clients were without an answer for ${outageWords(longest_ms, threshold_ms)}${allowed}.`;
}
