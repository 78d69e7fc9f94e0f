/** The notify* keys of an instance or a sync group in their typed form. Checks nothing. */
import type { Command, HooksConfig } from '../config.ts';
import type { Path } from '../place.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { command } from './values.ts';

type FileCommand = string | readonly (string | number | boolean)[] | undefined;

interface FileHooks {
  readonly notify_master?: FileCommand;
  readonly notify_backup?: FileCommand;
  readonly notify_fault?: FileCommand;
  readonly notify_stop?: FileCommand;
  readonly notify?: FileCommand;
}

/** The hooks of the section at `path`. */
export function buildHooks(section: FileHooks, path: Path, tree: YamlTree): HooksConfig {
  const hook = (key: keyof FileHooks): Command | null => {
    const value = section[key];
    return value === undefined ? null : command(value, [...path, key], tree);
  };
  return {
    master: hook('notify_master'),
    backup: hook('notify_backup'),
    fault: hook('notify_fault'),
    stop: hook('notify_stop'),
    any: hook('notify'),
  };
}
