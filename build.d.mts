/** The version in package.json. */
export const VERSION: string;

/** Writes the program that calls itself `version` to `outfile`. */
export function bundle(outfile: string, version: string, sourcemap: boolean): Promise<void>;
