/** Finds the script behind a command and reads it as shell commands. */
import { dirname, isAbsolute, join } from 'node:path';
import type { Sources } from '../read/source.ts';
import { baseName } from '../recognise/memcached-check.ts';
import { type ShellCommands, shellCommands } from '../recognise/shell.ts';

/** Where scripts are looked for. */
export interface ScriptPlaces {
  /** keepalived.conf as given; scripts beside it are found by their path or by their name. */
  readonly file: string;
  /** Folders that are looked into first, by the script's name. */
  readonly folders: readonly string[];
}

const SHELL = /^(?:ba|da|k|z|a)?sh$/;

/** What a command runs: the text of its script when that can be read, else the command itself. */
export function commandsOf(words: readonly string[], places: ScriptPlaces, sources: Sources): ShellCommands {
  const shell = SHELL.test(baseName(words[0] ?? ''));
  const first = shell ? words.findIndex((word, i) => i > 0 && !word.startsWith('-')) : 0;
  if (shell && words.some((word) => /^-[a-z]*c$/.test(word))) {
    return shellCommands(words[first] ?? '', words.slice(first + 2));
  }
  const text = first < 0 ? null : readScript(words[first] ?? '', places, sources);
  return text === null ? shellCommands(words.join(' '), []) : shellCommands(text, words.slice(first + 1));
}

function readScript(path: string, { file, folders }: ScriptPlaces, sources: Sources): string | null {
  const name = baseName(path);
  const beside = dirname(file);
  const candidates = [
    ...folders.map((folder) => join(folder, name)),
    isAbsolute(path) ? path : join(beside, path),
    join(beside, name),
  ];
  for (const candidate of candidates) {
    const source = sources.read(candidate);
    if (source.ok) return source.text.includes('\0') ? null : source.text;
  }
  return null;
}
