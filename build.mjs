// Bundles src/cli.ts into the one file that the `bin` of package.json names. The two packages with native code
// stay outside: they are loaded from node_modules, and only by the commands that need them.
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pagePlugin } from './build-page.mjs';

const require = createRequire(import.meta.url);
export const { version: VERSION } = require('./package.json');

/** With the usual young generation of 16 MB and more, a daemon that idles grows by 25 MB in its first hour. */
export const NODE_FLAGS = ['--max-semi-space-size=2'];

/** Writes the program that calls itself `version` to `outfile`. */
export async function bundle(outfile, version, sourcemap) {
  await build({
    entryPoints: [fileURLToPath(new URL('src/cli.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifySyntax: true,
    sourcemap,
    sourcesContent: false,
    external: ['raw-socket', 'koffi'],
    define: { 'process.env.MEMCACHE_HA_VERSION': JSON.stringify(version) },
    banner: { js: `#!/usr/bin/env -S node ${NODE_FLAGS.join(' ')}` },
    plugins: [pagePlugin],
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle('dist/memcache-ha.cjs', VERSION, true);
