/** What `--help` says, of the program and of one command. Pure. */
import type { Command } from './commands.ts';

/** All commands, one a line. */
export function programUsage(commands: Readonly<Record<string, Command>>, version: string): string {
  const all = Object.values(commands);
  const width = Math.max(...all.map(({ synopsis }) => synopsis.length));
  const lines = all.map(({ synopsis, summary }) => `  ${synopsis.padEnd(width)}  ${summary}`);
  return `memcache-ha ${version}: high availability for memcached behind a virtual IP\n\n${lines.join('\n')}\n\nmemcache-ha COMMAND --help tells the options of a command.\n`;
}

/** One command and its options. */
export function commandUsage({ synopsis, summary, options }: Command): string {
  const left = options.map(({ flags, argument }) =>
    [flags.join(', '), ...(argument === undefined ? [] : [argument])].join(' '),
  );
  const width = Math.max(0, ...left.map(({ length }) => length));
  const lines = options.map((option, index) => `  ${left[index]!.padEnd(width)}  ${option.summary}\n`);
  return `usage: memcache-ha ${synopsis}\n${summary}\n${lines.join('')}`;
}
