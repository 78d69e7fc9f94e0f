// Bundles src/cli.ts into the program that the `bin` of package.json names: memcache-ha.cjs with what is needed at once,
// proxy.cjs with the proxy, and commands.cjs with all the rest. Node.js reads a file as a whole before it runs any of it:
// clients wait for a daemon that died and its proxy until both are there again. The two packages with native code
// stay outside: they are loaded from node_modules, and only by the commands that need them.
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pagePlugin } from './build-page.mjs';

const require = createRequire(import.meta.url);
export const { version: VERSION } = require('./package.json');

/**
 * With the usual young generation of 16 MB and more, a daemon that idles grows by 25 MB in its first hour. Compiled code stays:
 * V8 would drop what is not called for a while, and a takeover is what a BACKUP does once in months.
 */
export const NODE_FLAGS = ['--max-semi-space-size=2', '--no-flush-bytecode'];

export const PROGRAM = 'memcache-ha.cjs';
const PROXY = 'proxy.cjs';
const COMMANDS = 'commands.cjs';
/** All files of the program, which belong into one folder. */
export const PROGRAM_FILES = [PROGRAM, PROXY, COMMANDS];

const SOURCE = fileURLToPath(new URL('src', import.meta.url));
/** What is loaded on demand and yet is in PROGRAM. */
const AT_ONCE = 'cli/run.ts';
/** Those that have a file of their own; the rest is in COMMANDS. */
const FILE_OF = { 'proxy/main.ts': PROXY };

/** Writes the program that calls itself `version` into `folder`. */
export async function bundle(folder, version, sourcemap) {
  const options = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifySyntax: true,
    sourcemap,
    sourcesContent: false,
    external: ['raw-socket', 'koffi'],
    define: { 'process.env.MEMCACHE_HA_VERSION': JSON.stringify(version) },
    logLevel: 'warning',
  };
  const program = join(folder, PROGRAM);
  const apart = new Map([PROXY, COMMANDS].map((file) => [file, []]));
  await build({
    ...options,
    entryPoints: [join(SOURCE, 'cli.ts')],
    outfile: program,
    banner: { js: `#!/usr/bin/env -S node ${NODE_FLAGS.join(' ')}` },
    plugins: [apartPlugin(apart)],
  });
  await chmod(program, 0o755);
  for (const [file, modules] of apart) {
    const lines = modules.map(
      (module) => `exports[${quote(module)}] = () => require(${quote(`./${module}`)});`,
    );
    await build({
      ...options,
      stdin: { contents: lines.join('\n'), resolveDir: SOURCE, sourcefile: file },
      outfile: join(folder, file),
      plugins: [pagePlugin],
    });
  }
}

/** Puts what is imported on demand into the other files, and notes in `apart` which module goes where. */
function apartPlugin(apart) {
  return {
    name: 'apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
        const module = relative(SOURCE, resolve(resolveDir, path));
        if (kind === 'dynamic-import' && module !== AT_ONCE) return { path: module, namespace: 'apart' };
      });
      onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => {
        const file = FILE_OF[path] ?? COMMANDS;
        apart.get(file).push(path);
        return { contents: `module.exports = require('./${file}')[${quote(path)}]();` };
      });
      onResolve({ filter: /\.cjs$/, namespace: 'apart' }, ({ path }) => ({ path, external: true }));
    },
  };
}

const quote = (text) => JSON.stringify(text);

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle('dist', VERSION, true);
