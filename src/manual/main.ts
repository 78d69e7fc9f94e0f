/** `npm run man` and `npm run completion`: writes the man pages to dist/man, the completions to deploy/completion. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../cli/commands.ts';
import { version } from '../cli/version.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { commandsPage } from './commands-page.ts';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { zshCompletion } from './completion-zsh.ts';
import { configPage } from './config-page.ts';

/** The file, under `root`, of everything that is made, and its text. */
export function manualFiles(root: string): ReadonlyMap<string, string> {
  const read = (document: string): string => readFileSync(join(root, document), 'utf8');
  return new Map([
    ['dist/man/memcache-ha.8', commandsPage(COMMANDS, read, version)],
    ['dist/man/memcache-ha.yaml.5', configPage(configJsonSchema(), read('config/memcache-ha.yaml'), version)],
    ['deploy/completion/memcache-ha.bash', bashCompletion(COMMANDS)],
    ['deploy/completion/_memcache-ha', zshCompletion(COMMANDS)],
    ['deploy/completion/memcache-ha.fish', fishCompletion(COMMANDS)],
  ]);
}

/** Writes those under this folder of `root`. */
export function writeManual(root: string, folder: string): void {
  mkdirSync(join(root, folder), { recursive: true });
  for (const [file, text] of manualFiles(root)) {
    if (file.startsWith(`${folder}/`)) writeFileSync(join(root, file), text);
  }
}
