/** What the demo needs of this machine: root, and programs. Owns the question, not the installation. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { PROXY } from './proxy.ts';

/** All that is started, by the demo, the lab or the daemons. */
const PROGRAMS: readonly string[] = [
  'memcached',
  ...(PROXY.program === null ? [] : [PROXY.program]),
  ...['ip', 'tcpdump', 'ss', 'nsenter', 'setpriv', 'bash'],
];

export interface Machine {
  readonly uid: number | undefined;
  readonly hasProgram: (name: string) => boolean;
}

/** One line on what is lacking, or null. */
export function whatIsLacking({ uid, hasProgram }: Machine): string | null {
  if (uid !== 0) return 'needs root, because it makes network namespaces: sudo npm run demo';
  const missing = PROGRAMS.filter((name) => !hasProgram(name));
  if (missing.length === 0) return null;
  const are = missing.length > 1 ? 'these programs are' : 'this program is';
  return `${are} missing: ${missing.join(', ')}; deploy/setup.sh installs what it needs`;
}

/** This machine. */
export const thisMachine: Machine = {
  uid: process.getuid?.(),
  hasProgram: (name) =>
    (process.env.PATH ?? '').split(':').some((directory) => {
      try {
        accessSync(join(directory, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
};
