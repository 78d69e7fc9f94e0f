// Bundles src/cli.ts into the one file that the `bin` of package.json names. The two packages with native code
// stay outside: they are loaded from node_modules, and only by the commands that need them.
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { pagePlugin } from './build-page.mjs';

const { version } = createRequire(import.meta.url)('./package.json');

await build({
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/memcache-ha.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  external: ['raw-socket', 'koffi'],
  define: { 'process.env.MEMCACHE_HA_VERSION': JSON.stringify(version) },
  banner: { js: '#!/usr/bin/env node' },
  plugins: [pagePlugin],
  logLevel: 'warning',
});
await chmod('dist/memcache-ha.cjs', 0o755);
