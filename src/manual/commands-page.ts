/** memcache-ha(8): the commands from their table, the rest from the documentation. Pure. */
import type { Command } from '../cli/commands.ts';
import { blocks, section, sections } from './markdown.ts';
import { bold, definition, escapeText, heading, italic, page, paragraph, subheading, title } from './roff.ts';

interface Part {
  readonly title: string;
  readonly document: string;
  /** One section of the document; all of them when it is not there. */
  readonly heading?: string;
}

/** Which document becomes which part of the page. */
export const PARTS: readonly Part[] = [
  { title: 'Operation', document: 'docs/operations.md' },
  { title: 'When something fails', document: 'README.md', heading: 'When something fails' },
  { title: 'Coming from keepalived', document: 'docs/keepalived.md' },
];

const FILES: readonly (readonly [string, string])[] = [
  ['/etc/memcache-ha/memcache-ha.yaml', 'the config, memcache-ha.yaml(5)'],
  ['/run/memcache-ha/control.sock', 'the control socket, mode 0600'],
  ['/run/memcache-ha/', 'what the next daemon needs to go on in place'],
];

/** The page as roff. `read` gives the text of a document of the repository. */
export function commandsPage(
  commands: Readonly<Record<string, Command>>,
  read: (document: string) => string,
  version: string,
): string {
  return page([
    title('memcache-ha', 8, version),
    heading('Name'),
    `${escapeText('memcache-ha')} \\- high availability for memcached behind a virtual IP\n`,
    heading('Synopsis'),
    `${bold(escapeText('memcache-ha'))} ${italic('COMMAND')} [${italic('OPTION')}]...\n`,
    heading('Description'),
    blocks(section(read('README.md'), 'What it is').tokens),
    heading('Commands'),
    ...Object.values(commands).flatMap(describeCommand),
    heading('Exit status'),
    definition(bold('0'), 'good'),
    definition(bold('1'), 'the thing asked failed'),
    definition(bold('2'), 'bad usage or bad config'),
    heading('Signals'),
    definition(bold('SIGTERM'), 'the daemon hands over, then exits 0'),
    definition(bold('SIGHUP'), 'the daemon reloads its config; a mistake in it changes nothing'),
    ...PARTS.map((part) => showPart(part, read(part.document))),
    heading('Files'),
    ...FILES.map(([path, what]) => definition(bold(escapeText(path)), escapeText(what))),
    heading('See also'),
    `${bold(escapeText('memcache-ha.yaml'))}(5), ${bold('memcached')}(1), ${bold('keepalived.conf')}(5)\n`,
  ]);
}

function showPart({ title: name, heading: only }: Part, markdown: string): string {
  const shown =
    only === undefined
      ? sections(markdown).map(({ heading: one, tokens }) => subheading(one) + blocks(tokens))
      : [blocks(section(markdown, only).tokens)];
  return heading(name) + shown.join('');
}

function describeCommand({ synopsis, summary, options }: Command): string[] {
  return [
    subheading(`memcache-ha ${synopsis}`),
    paragraph(escapeText(`${summary.replace(/^[a-z](?=[a-z]* )/, (first) => first.toUpperCase())}.`)),
    ...options.map(({ flags, argument, summary: meaning }) => {
      const words = flags.map((flag) => bold(escapeText(flag))).join(', ');
      const term = argument === undefined ? words : `${words} ${italic(escapeText(argument))}`;
      return definition(term, escapeText(meaning));
    }),
  ];
}
