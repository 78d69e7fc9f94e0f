// Writes the man pages (`node manual.mjs dist/man`) or the shell completions (`node manual.mjs deploy/completion`).
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const { version } = createRequire(import.meta.url)('./package.json');
const [folder] = process.argv.slice(2);
if (folder !== 'dist/man' && folder !== 'deploy/completion') {
  process.stderr.write('usage: node manual.mjs dist/man|deploy/completion\n');
  process.exit(2);
}

const program = 'dist/manual.mjs';
await build({
  entryPoints: ['src/manual/main.ts'],
  outfile: program,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  plugins: [
    {
      // The command table names the code of every command; none of it is wanted here.
      name: 'leave the commands out',
      setup: ({ onResolve }) =>
        onResolve({ filter: /./ }, ({ kind, path }) =>
          kind === 'dynamic-import' ? { path, external: true } : null,
        ),
    },
  ],
  define: { 'process.env.MEMCACHE_HA_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
});
try {
  const { writeManual } = await import(new URL(program, import.meta.url));
  writeManual('.', folder);
} finally {
  await rm(program);
}
