/** Completion for bash; needs nothing but bash. Pure. */
import { type Commands, MADE, type Offer, offer } from './completion.ts';

export function bashCompletion(commands: Commands): string {
  const values: string[] = [];
  const words: string[] = [];
  for (const [name, { options, operand }] of Object.entries(commands)) {
    for (const { flags, argument, choices } of options) {
      if (argument === undefined) continue;
      const pattern = flags.map((flag) => `${name}:${flag}`).join('|');
      values.push(`    ${pattern}) ${action(offer({ argument, ...(choices && { choices }) }))}; return ;;`);
    }
    const flags = [...new Set([...options.flatMap((option) => option.flags), '--help'])];
    const free = operand === undefined ? '' : ` ${action(offer(operand))};`;
    words.push(`    ${name})${free} words='${flags.join(' ')}' ;;`);
  }
  return `${MADE}
_memcache_ha() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${Object.keys(commands).join(' ')} --help --version' -- "$current"))
    return
  fi
  case $command:$previous in
${values.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif ((\${#COMPREPLY[@]} == 0)); then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _memcache_ha memcache-ha
`;
}

function action(what: Offer): string {
  switch (what.kind) {
    case 'file':
      return 'mapfile -t COMPREPLY < <(compgen -f -- "$current")';
    case 'folder':
      return 'mapfile -t COMPREPLY < <(compgen -d -- "$current")';
    case 'words':
      return `COMPREPLY=($(compgen -W '${what.words.join(' ')}' -- "$current"))`;
    case 'nothing':
      return ':';
  }
}
