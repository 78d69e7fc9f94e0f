/** The version in package.json. */
export const VERSION: string;

/** Flags that Node.js gets for every command of the program. */
export const NODE_FLAGS: readonly string[];

/** The file that is run. */
export const PROGRAM: string;

/** All files of the program, which belong into one folder. */
export const PROGRAM_FILES: readonly string[];

/** Writes the program that calls itself `version` into `folder`. */
export function bundle(folder: string, version: string, sourcemap: boolean): Promise<void>;
