/** Recognises a script that starts magent, and reads magent's flags. */
import { baseName } from './memcached-check.ts';
import type { ShellCommands } from './shell.ts';

/** A start of magent. */
export interface Magent {
  /** -l and -p; magent listens on every address and on 11211 without them. */
  readonly host: string;
  readonly port: string;
  /** -s and -b, in their order. */
  readonly servers: readonly string[];
  readonly backups: readonly string[];
  /** The program with its flags as the daemon runs it: in the foreground, with placeholders for -l and -p. */
  readonly command: readonly string[];
}

/** Flags that a word belongs to. */
const WITH_VALUE = new Set(['-u', '-g', '-p', '-s', '-b', '-l', '-n', '-f', '-i']);

/** The first start in a script, or null. */
export function recogniseMagent(commands: ShellCommands): Magent | null {
  for (const [name = '', ...words] of commands) {
    if (baseName(name) !== 'magent') continue;
    const magent = parseFlags(name, words);
    if (magent.servers.length > 0) return magent;
  }
  return null;
}

/** True for a script that has to do with magent in any way, such as to stop it. */
export function mentionsMagent(commands: ShellCommands): boolean {
  return commands.some((words) => words.some((word) => baseName(word) === 'magent'));
}

function parseFlags(name: string, words: readonly string[]): Magent {
  let host = '0.0.0.0';
  let port = '11211';
  const servers: string[] = [];
  const backups: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    // getopt takes the value with or without a space before it.
    const flag = words[i]!.slice(0, 2);
    const takes = WITH_VALUE.has(flag);
    const value = !takes ? '' : words[i]!.length > 2 ? words[i]!.slice(2) : (words[++i] ?? '');
    if (flag === '-l') host = value;
    else if (flag === '-p') port = value;
    else if (flag === '-s') servers.push(value);
    else if (flag === '-b') backups.push(value);
    else if (takes) rest.push(flag, value);
    else if (flag.startsWith('-') && flag !== '-D') rest.push(words[i]!);
  }
  const command = [
    ...[name, '-D', ...rest, '-l', '{host}', '-p', '{port}'],
    ...servers.flatMap((server) => ['-s', server]),
    ...backups.flatMap((backup) => ['-b', backup]),
  ];
  return { host, port, servers, backups, command };
}
