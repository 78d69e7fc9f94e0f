/** Completion for zsh. Pure. */
import type { CommandOption } from '../cli/commands.ts';
import { type Commands, MADE, type Offer, offer } from './completion.ts';

export function zshCompletion(commands: Commands): string {
  const list = Object.entries(commands).map(
    ([name, { summary }]) => `    '${name}:${quote(summary.replaceAll(':', '\\:'))}'`,
  );
  const cases = Object.entries(commands).map(([name, { options, operand }]) => {
    const specs = options.flatMap(zshOption);
    if (!options.some(({ flags }) => flags.includes('--help'))) specs.push("'--help[what the options are]'");
    if (operand !== undefined) specs.push(`'1:${operand.argument}:${action(offer(operand))}'`);
    return `    ${name})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef memcache-ha
${MADE}
_memcache_ha() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
_memcache_ha "$@"
`;
}

function zshOption({ flags, argument, choices, summary }: CommandOption): string[] {
  const said = quote(summary.replace(/[[\]]/g, '\\$&'));
  const value =
    argument === undefined
      ? ''
      : `:${argument.replaceAll(':', '\\:')}:${action(offer({ argument, ...(choices && { choices }) }))}`;
  const many = /repeatable/.test(summary) ? '*' : '';
  return flags.map((flag) => `'${many}${flag}[${said}]${value}'`);
}

/** For between single quotes. */
function quote(text: string): string {
  return text.replaceAll("'", "'\\''");
}

function action(what: Offer): string {
  switch (what.kind) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'words':
      return `(${what.words.join(' ')})`;
    case 'nothing':
      return ' ';
  }
}
