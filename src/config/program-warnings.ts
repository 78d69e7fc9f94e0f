/** Warnings about programs that a host does not have. Whether there is one is the caller's to find out. */

import type { LoadedConfig } from './load.ts';
import { formatPath, type Path } from './place.ts';
import type { Problem } from './problem.ts';

/** The program that an engine is. The bundled one comes with us, a command names its own. */
const ENGINE_PROGRAM = {
  bundled: null,
  command: null,
  magent: 'magent',
  nutcracker: 'nutcracker',
  'memcached-proxy': 'memcached',
} as const;

/**
 * One warning for each proxy and each memcached whose program is not there. Empty when the config did not load. Not an
 * error: it may be installed later, or the file be meant for another host.
 */
export function programProblems(
  loaded: LoadedConfig,
  isThere: (program: string) => boolean,
): readonly Problem[] {
  const named: { readonly path: Path; readonly program: string | null | undefined }[] = [
    ...(loaded.config?.memcached ?? []).map(({ name, command }) => ({
      path: ['memcached', name, 'command'],
      program: command?.[0],
    })),
    ...(loaded.config?.proxies ?? []).map(({ name, engine, command }) => ({
      path: ['proxy', name, command === null ? 'engine' : 'command'],
      program: command === null ? ENGINE_PROGRAM[engine] : command[0],
    })),
  ];
  return named.flatMap(({ path, program }) =>
    program == null || isThere(program)
      ? []
      : {
          severity: 'warning',
          file: loaded.file,
          ...loaded.locate(path),
          key: formatPath(path),
          message: `this host has no program ${program}, so it cannot be started`,
        },
  );
}
