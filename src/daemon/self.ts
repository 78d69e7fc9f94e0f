/** How this program is run again, for what is a process of its own. */
import type { Command } from '../config/config.ts';

export interface Self {
  /** Node.js with its flags. */
  readonly runtime: Command;
  /** The program's file. */
  readonly program: Command;
}

export const SELF: Self = { runtime: [process.execPath, ...process.execArgv], program: [process.argv[1]!] };
