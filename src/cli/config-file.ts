/** Reads a config file and tells on stderr or stdout what is wrong with it. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { interfaceProblems } from '../config/interface-warnings.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import { programProblems } from '../config/program-warnings.ts';
import { isInstalled } from '../io/installed.ts';

/** Largest config file, in bytes: 255 instances with all their keys are a tenth of it. */
const LARGEST_FILE = 1_000_000;

/** The file with every finding, those of this host included. A file that cannot be read is one finding. */
export function readConfigFile(file: string): {
  config: LoadedConfig['config'];
  problems: readonly Problem[];
} {
  let text: string | null;
  try {
    text = readBounded(file);
  } catch (error) {
    return unreadable(file, (error as Error).message.replace(/^(\w+: [^,]+),.*/, '$1'));
  }
  if (text === null) return unreadable(file, `is larger than ${LARGEST_FILE} bytes`);
  const loaded = loadConfig(file, text);
  const interfaces = readdirSync('/sys/class/net');
  const ofThisHost = [...interfaceProblems(loaded, interfaces), ...programProblems(loaded, isInstalled)];
  return { config: loaded.config, problems: [...loaded.problems, ...ofThisHost] };
}

/** Null when there is more than LARGEST_FILE to read, which is then left unread. */
function readBounded(file: string): string | null {
  const bytes = Buffer.alloc(LARGEST_FILE + 1);
  const fd = openSync(file, 'r');
  try {
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more) {
      more = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return length > LARGEST_FILE ? null : bytes.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function unreadable(file: string, message: string): { config: null; problems: readonly Problem[] } {
  return { config: null, problems: [{ severity: 'error', file, line: 1, column: 1, key: '', message }] };
}
