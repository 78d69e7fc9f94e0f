/** The version in package.json. */
export const VERSION: string;

/** Flags that Node.js gets for every command of the program. */
export const NODE_FLAGS: readonly string[];

/** Writes the program that calls itself `version` to `outfile`. */
export function bundle(outfile: string, version: string, sourcemap: boolean): Promise<void>;
