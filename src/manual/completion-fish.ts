/** Completion for fish. Pure. */
import { type Commands, MADE, type Offer, offer } from './completion.ts';

export function fishCompletion(commands: Commands): string {
  const lines = [
    MADE,
    'complete -c memcache-ha -f',
    'complete -c memcache-ha -n __fish_use_subcommand -l help -d "all commands"',
    'complete -c memcache-ha -n __fish_use_subcommand -l version -d "the version"',
  ];
  for (const [name, { summary, options, operand }] of Object.entries(commands)) {
    lines.push(`complete -c memcache-ha -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`);
    const here = `complete -c memcache-ha -n "__fish_seen_subcommand_from ${name}"`;
    for (const { flags, argument, choices, summary: meaning } of options) {
      const names = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value =
        argument === undefined ? '' : ` -x${words(offer({ argument, ...(choices && { choices }) }))}`;
      lines.push(`${here} ${names.join(' ')}${value} -d ${quote(meaning)}`);
    }
    if (!options.some(({ flags }) => flags.includes('--help')))
      lines.push(`${here} -l help -d "what the options are"`);
    if (operand !== undefined) lines.push(`${here}${words(offer(operand))}`);
  }
  return `${lines.join('\n')}\n`;
}

function words(what: Offer): string {
  switch (what.kind) {
    case 'file':
      return ' -a "(__fish_complete_path (commandline -ct))"';
    case 'folder':
      return ' -a "(__fish_complete_directories)"';
    case 'words':
      return ` -a "${what.words.join(' ')}"`;
    case 'nothing':
      return '';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
