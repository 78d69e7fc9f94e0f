/** Command line options, read with node:util; bad usage is one line on stderr and exit code 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export const DEFAULT_CONFIG = '/etc/memcache-ha/memcache-ha.yaml';
export const DEFAULT_CONTROL = '/run/memcache-ha/control.sock';

/** The options of `command`, or null after telling what is wrong with them. No command takes free words. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  argv: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    process.stderr.write(`memcache-ha ${command}: ${(error as Error).message}\n`);
    return null;
  }
}
