/** Reads a config file and tells on stderr or stdout what is wrong with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { interfaceProblems } from '../config/interface-warnings.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';

/** Largest config file, in bytes: 255 instances with all their keys are a tenth of it. */
const LARGEST_FILE = 1_000_000;

/** The file with every finding, those of this host included. A file that cannot be read is one finding. */
export function readConfigFile(file: string): {
  config: LoadedConfig['config'];
  problems: readonly Problem[];
} {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return unreadable(file, (error as Error).message.replace(/^(\w+: [^,]+),.*/, '$1'));
  }
  if (text.length > LARGEST_FILE) return unreadable(file, `is larger than ${LARGEST_FILE} bytes`);
  const loaded = loadConfig(file, text);
  const interfaces = readdirSync('/sys/class/net');
  return { config: loaded.config, problems: [...loaded.problems, ...interfaceProblems(loaded, interfaces)] };
}

function unreadable(file: string, message: string): { config: null; problems: readonly Problem[] } {
  return { config: null, problems: [{ severity: 'error', file, line: 1, column: 1, key: '', message }] };
}
