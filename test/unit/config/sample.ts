/** The smallest config that loads, and ways to change it, for the tests of this folder. */
import type { Config } from '../../../src/config/config.ts';
import { type LoadedConfig, loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';

export const FILE = 'ha.yaml';

/** Lines 1 to 5; what a test adds to the instance begins on line 6. */
export const MINIMAL = `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [10.0.0.5]
`;

/** The minimal config with these lines added to its instance. */
export function withInstanceLines(...lines: string[]): string {
  return MINIMAL + lines.map((line) => `    ${line}\n`).join('');
}

/** The minimal config without the line that begins with `key`. */
export function withoutKey(key: string): string {
  return MINIMAL.split('\n')
    .filter((line) => !line.trim().startsWith(`${key}:`))
    .join('\n');
}

export function load(text: string): LoadedConfig {
  return loadConfig(FILE, text, 'this-host');
}

/** The problems of a text without the file name: `6:15: vrrp_instance.VI_1.priority: is 300, ...`. */
export function problemsOf(text: string): string[] {
  return load(text).problems.map((problem) => formatProblem(problem).replace(`${FILE}:`, ''));
}

/** The config of a text that must load; its problems are the message when it does not. */
export function configOf(text: string): Config {
  const { config, problems } = load(text);
  if (config === null) throw new Error(problems.map(formatProblem).join('\n'));
  return config;
}
