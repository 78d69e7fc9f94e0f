/** What the completions of all three shells have in common. Pure. */
import type { Command, CommandOption } from '../cli/commands.ts';

export type Commands = Readonly<Record<string, Command>>;

export const MADE = '# Made by `npm run completion` from the command table.';

/** What a shell can offer in the place of a word. */
export type Offer =
  | { readonly kind: 'file' | 'folder' | 'nothing' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

const PATHS: Readonly<Record<string, 'file' | 'folder'>> = {
  FILE: 'file',
  PATH: 'file',
  SOCKET: 'file',
  DIR: 'folder',
};

/** For an option's argument or a command's free word. */
export function offer({ argument, choices }: Pick<CommandOption, 'argument' | 'choices'>): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return { kind: PATHS[argument ?? ''] ?? 'nothing' };
}
