/** `memcache-ha check`: every mistake in a config file, on stdout. Exit 0 also with warnings, 2 with errors. */
import { formatProblem } from '../config/problem.ts';
import { readConfigFile } from './config-file.ts';
import { DEFAULT_CONFIG, readOptions } from './options.ts';

export async function check(argv: readonly string[]): Promise<number> {
  const options = readOptions('check', argv, { config: { type: 'string', default: DEFAULT_CONFIG } });
  if (options === null) return 2;
  const { config, problems } = readConfigFile(options.config);
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
  if (config === null) return 2;
  const names = config.instances.map(({ name, vrrp }) => `${name} (VRID ${vrrp.virtualRouterId})`);
  process.stdout.write(`${options.config}: good; instances: ${names.join(', ') || 'none'}\n`);
  return 0;
}
