/**
 * Not for people: checks a config file for the daemon, which has no time for it between two advertisements, and hands
 * over what it says. One JSON object on stdout; exit 0 whatever is found.
 */
import type { HandedOver } from '../config/handed-over.ts';
import { encodeConfig } from '../config/handed-over.ts';
import { formatProblem } from '../config/problem.ts';
import { readConfigFile } from './config-file.ts';
import { DEFAULT_CONFIG, readOptions } from './options.ts';
import { version } from './version.ts';

/** Findings that are handed over; a file that has more of them is no config file. */
const MOST_PROBLEMS = 200;

export async function handOver(argv: readonly string[]): Promise<number> {
  const options = readOptions('hand-over', argv, { config: { type: 'string', default: DEFAULT_CONFIG } });
  if (options === null) return 2;
  const { config, problems } = readConfigFile(options.config);
  const lines = problems.slice(0, MOST_PROBLEMS).map(formatProblem);
  if (problems.length > MOST_PROBLEMS) lines.push(`and ${problems.length - MOST_PROBLEMS} more`);
  const answer: HandedOver = {
    version,
    config: config === null ? null : encodeConfig(config),
    problems: lines,
  };
  process.stdout.write(JSON.stringify(answer));
  return 0;
}
