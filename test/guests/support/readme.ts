/** README's Install section as something that can be done: its blocks, as printed, for either host. */
import { readFileSync } from 'node:fs';

export interface Block {
  readonly language: string;
  readonly text: string;
}

const README = new URL('../../../README.md', import.meta.url);
/** Where a line differs on host B: the first address, or else the first number, is this one there. */
const ON_HOST_B = /^(.*)# on host B: (\S+)$/gm;

/**
 * The code blocks of `## Install`, with the lab's addresses in the place of the printed ones.
 * @throws Error when there is no such section
 */
export function installBlocks(host: 'a' | 'b'): Block[] {
  const [, section] = /^## Install\n([\s\S]*?)^## /m.exec(readFileSync(README, 'utf8')) ?? [];
  if (section === undefined) throw new Error('README.md has no section "## Install"');
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', printed = '']) => {
    const text = host === 'a' ? printed : printed.replaceAll(ON_HOST_B, forHostB);
    return { language, text: text.replaceAll('192.168.100.', '10.9.0.') };
  });
}

function forHostB(_line: string, before: string, value: string): string {
  return before.replace(value.includes('.') ? /[\d.]{7,}/ : /\d+/, value);
}
