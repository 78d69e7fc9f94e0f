/** `memcache-ha import`: keepalived.conf to our YAML on stdout; what could not be carried over on stderr too. */
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { openSources } from '../import/files.ts';
import { type Imported, importKeepalived } from '../import/import.ts';
import { formatPosition } from '../import/read/source.ts';

const USAGE =
  'memcache-ha import KEEPALIVED_CONF [--strict] [--script FILE]... [--scripts-dir DIR]... [--config-id NAME] [--proxy bundled|magent]';

/** Exit 0 with a config, 1 without one or, with --strict, when anything was not carried; 2 for what cannot be read. */
export async function importConf(argv: readonly string[]): Promise<number> {
  const parsed = readArguments(argv);
  if (typeof parsed === 'string') return refuse(`${parsed}\nusage: ${USAGE}`);
  const { values, file, proxy } = parsed;
  const sources = openSources();
  const source = sources.read(file);
  if (!source.ok) return refuse(`${file} ${source.reason}`);
  const scripts: { file: string; text: string }[] = [];
  for (const script of values.script) {
    const read = sources.read(script);
    if (!read.ok) return refuse(`${script} ${read.reason}`);
    scripts.push({ file: script, text: read.text });
  }
  const configId = values['config-id'] ?? hostname().split('.')[0]!;
  const imported = importKeepalived(file, source.text, sources, {
    configId,
    scripts,
    scriptFolders: values['scripts-dir'],
    proxy,
  });
  process.stdout.write(imported.yaml);
  process.stderr.write(report(imported, file, configId));
  return !imported.hasConfig || (values.strict && imported.losses.length > 0) ? 1 : 0;
}

function readArguments(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        strict: { type: 'boolean', default: false },
        script: { type: 'string', multiple: true, default: [] },
        'scripts-dir': { type: 'string', multiple: true, default: [] },
        'config-id': { type: 'string', short: 'i' },
        proxy: { type: 'string' },
      },
    });
    const [file, ...more] = positionals;
    const proxy = values.proxy ?? null;
    if (proxy !== null && proxy !== 'bundled' && proxy !== 'magent')
      return `--proxy is ${proxy}, must be bundled or magent`;
    if (file === undefined) return 'which keepalived.conf?';
    if (more.length > 0) return `only one file can be imported, not ${more.join(' ')} too`;
    return { values, file, proxy } as const;
  } catch (error) {
    return (error as Error).message;
  }
}

function refuse(message: string): 2 {
  process.stderr.write(`memcache-ha import: ${message}\n`);
  return 2;
}

function report({ losses, warnings, hasConfig, otherIds }: Imported, file: string, configId: string): string {
  const lines = losses.map(
    ({ what, reason, origin }) =>
      `${formatPosition(origin.at)}: not carried: ${printable(what)}: ${printable(reason)}`,
  );
  for (const { key, message } of warnings) lines.push(`warning: ${key}: ${message}`);
  if (otherIds.length > 0) {
    lines.push(
      `lines for @${otherIds.join(', @')} were left out, this host is @${configId} (--config-id says otherwise)`,
    );
  }
  if (!hasConfig)
    lines.push(`${file} has no vrrp_instance that could be carried over, so there is no config`);
  return lines.map((line) => `${line}\n`).join('');
}

function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, '?');
}
