/** A keepalived.conf in memory, for the tests of this folder. */
import { type Imported, type ImportOptions, importKeepalived } from '../../../src/import/import.ts';
import { matchesName } from '../../../src/import/read/glob.ts';
import { readLines, type SourceLines } from '../../../src/import/read/lines.ts';
import { formatPosition, type Sources } from '../../../src/import/read/source.ts';

export const FILE = '/etc/keepalived/keepalived.conf';

/** Files by their absolute paths. */
export function memorySources(files: Readonly<Record<string, string>>): Sources {
  return {
    read: (path) =>
      Object.hasOwn(files, path) ? { ok: true, text: files[path]! } : { ok: false, reason: 'does not exist' },
    glob(pattern) {
      const parts = pattern.split('/');
      return Object.keys(files)
        .filter((path) => {
          const names = path.split('/');
          return names.length === parts.length && names.every((name, i) => matchesName(parts[i]!, name));
        })
        .sort();
    },
    environment: (name) => (name === 'SITE' ? 'berlin' : undefined),
  };
}

export function read(text: string, files: Readonly<Record<string, string>> = {}): SourceLines {
  return readLines(FILE, text, memorySources(files), { configId: 'alpha' });
}

export function importText(
  text: string,
  files: Readonly<Record<string, string>> = {},
  options: Partial<ImportOptions> = {},
): Imported {
  return importKeepalived(FILE, text, memorySources(files), {
    configId: 'alpha',
    scriptFolders: [],
    scripts: [],
    proxy: 'magent',
    ...options,
  });
}

/** `12: smtp_alert: no e-mail is sent` for each loss, the folder left out. */
export function lossesOf({ losses }: Imported): string[] {
  return losses.map(({ what, reason, origin }) => {
    const place = formatPosition(origin.at).replace(`${FILE}:`, '').replace('/etc/keepalived/', '');
    return `${place}: ${what}: ${reason}`;
  });
}

/** Lines of an instance that is complete with them; they begin on line 5. */
export function instance(...lines: string[]): string {
  return [
    'vrrp_instance VI_1 {',
    'interface eth0',
    'virtual_router_id 51',
    'virtual_ipaddress { 10.0.0.5 }',
    ...lines,
    '}',
  ].join('\n');
}

/** The lines of the YAML's instance without what instance() gives, comments included. */
export function instanceLines({ yaml }: Imported): string[] {
  const lines = yaml.split('\n');
  const given = ['interface: eth0', 'virtual_router_id: 51', 'virtual_ipaddress:', '- 10.0.0.5', ''];
  return lines
    .slice(lines.indexOf('  VI_1:') + 1)
    .map((line) => line.trim())
    .filter((line) => !given.includes(line));
}
