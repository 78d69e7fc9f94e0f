/** Bundles TypeScript of this repository into a program that node runs, so that no test runs a stale build. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

let programs = 0;
let directory: string | null = null;

// For the test file that imports this one. (A worker of vitest ends without the process's 'exit' event.)
afterAll(() => {
  if (directory !== null) rmSync(directory, { recursive: true, force: true });
});

/**
 * @param source TypeScript; its imports are relative to the repository, e.g. `./src/lab/namespaces.ts`
 * @returns the words that run it; the file goes when the test file's tests have ended
 */
export async function bundle(source: string): Promise<readonly string[]> {
  directory ??= mkdtempSync(join(tmpdir(), 'memcache-ha-bundle-'));
  programs += 1;
  const outfile = join(directory, `program-${programs}.cjs`);
  await build({
    stdin: { contents: source, resolveDir: repository, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['raw-socket', 'koffi'],
    logLevel: 'warning',
  });
  return [process.execPath, outfile];
}

let client: Promise<readonly string[]> | null = null;

/** The command of the lab's client, for `startClient`. */
export function labClientCommand(): Promise<readonly string[]> {
  client ??= bundle(`
    import { runLabClient } from './src/lab/client-main.ts';
    runLabClient(process.argv.slice(2)).then((code) => process.exit(code));
  `);
  return client;
}
