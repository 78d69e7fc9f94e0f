/**
 * Offers a `proxy` block, and a memcached to track, in the place of a script that starts magent where the virtual
 * address is: the loop of the first tutorial, or a notify script.
 */

import { isKnown } from '../known.ts';
import {
  type Collection,
  type Entry,
  find,
  isCollection,
  list,
  map,
  type Origin,
  section,
} from '../model.ts';
import { formatPosition, type Sources } from '../read/source.ts';
import { type Magent, mentionsMagent, recogniseMagent } from '../recognise/magent.ts';
import { recogniseCheck } from '../recognise/memcached-check.ts';
import { type ShellCommands, shellCommands } from '../recognise/shell.ts';
import { formatScalar } from '../write/scalar.ts';
import {
  commandWords,
  insertBeforeAddresses,
  instancesOf,
  memcachedNamed,
  trackMemcached,
} from './memcached.ts';
import { commandsOf, type ScriptPlaces } from './script-text.ts';

/** A script that ran beside keepalived, given by its file. */
export interface LooseScript {
  readonly file: string;
  readonly text: string;
}

export interface ProxyOptions extends ScriptPlaces {
  readonly scripts: readonly LooseScript[];
  /** Leave out the command, so that the bundled proxy takes magent's place. */
  /** What takes the place of the magent that was found; null: the bundled proxy where it does the same. */
  readonly proxy: 'bundled' | 'magent' | null;
}

const HOOKS = ['notify_master', 'notify_backup', 'notify_fault', 'notify_stop', 'notify'] as const;

/** Changes the config. */
export function offerProxies(config: Collection, options: ProxyOptions, sources: Sources): void {
  for (const { file, text } of options.scripts) {
    const commands = shellCommands(text, []);
    const magent = recogniseMagent(commands);
    const origin = { at: { file, line: lineOf(text, magent === null ? /mem/ : /magent.*-s/) }, text: [] };
    if (magent !== null) addProxy(config, magent, origin, options);
    else if (!addCheck(config, commands, origin)) {
      config.losses.push({ what: file, reason: 'starts no magent and asks no memcached', origin });
    }
  }
  for (const { name, value: instance } of instancesOf(config)) {
    for (const hook of HOOKS) {
      const entry = find(instance, hook);
      const commands = entry === undefined ? [] : commandsOf(commandWords(entry), options, sources);
      if (entry === undefined || !mentionsMagent(commands)) continue;
      const magent = recogniseMagent(commands);
      if (magent !== null && find(instance, 'proxy') === undefined) {
        addProxy(config, magent, entry.origin, options, name);
      }
    }
    if (find(instance, 'proxy') !== undefined) dropHooks(instance, options, sources);
  }
}

function lineOf(text: string, pattern: RegExp): number {
  const index = text.split('\n').findIndex((line) => pattern.test(line) && !/^\s*#/.test(line));
  return Math.max(index, 0) + 1;
}

function addProxy(
  config: Collection,
  magent: Magent,
  origin: Origin,
  { proxy }: ProxyOptions,
  owner?: string,
): void {
  const instances = instancesOf(config);
  const instance =
    instances.find(({ name }) => name === owner) ??
    instances.find(({ value }) => addressesOf(value).includes(magent.host)) ??
    (instances.length === 1 ? instances[0] : undefined);
  if (instance === undefined || find(instance.value, 'proxy') !== undefined) {
    const reason =
      instance === undefined
        ? `no vrrp_instance has the address ${magent.host} that it listens on`
        : `${instance.name} has a proxy already`;
    config.losses.push({ what: 'magent', reason, origin });
    return;
  }
  const proxies = section(config, 'proxy', origin);
  const name = find(proxies, 'front') === undefined ? 'front' : `front_${proxies.entries.length + 1}`;
  proxies.entries.push(proxyEntry(name, magent, origin, instance.value, proxy ?? fittingProxy(magent)));
  addOwnMemcached(config, magent, origin, instance.value);
  insertBeforeAddresses(instance.value, { key: 'proxy', value: name, origin });
}

function proxyEntry(
  name: string,
  magent: Magent,
  origin: Origin,
  instance: Collection,
  proxy: 'bundled' | 'magent',
): Entry {
  // A variable that the script takes from elsewhere; where there is one address it can mean no other.
  const [only = magent.host, ...others] = addressesOf(instance);
  const host = magent.host.includes('$') && others.length === 0 ? only : magent.host;
  const texts = (values: readonly string[]) => list(values.map((value) => ({ key: null, value, origin })));
  const entries: Entry[] = [
    { key: 'listen', value: `${host}:${magent.port}`, origin },
    { key: 'servers', value: texts(magent.servers), origin },
    ...(magent.backups.length > 0 ? [{ key: 'backups', value: texts(magent.backups), origin }] : []),
    { key: 'run', value: 'on_master', origin },
  ];
  const note = 'in the foreground, so that it is started again when it dies';
  const program: Entry = { key: 'command', value: texts(magent.command), origin, before: [note] };
  return {
    key: name,
    value: map(proxy === 'magent' ? [...entries, program] : entries),
    origin,
    before: [
      `Instead of the magent that ${formatPosition(origin.at)} starts; take it out of there and of what starts at boot.`,
      ...(proxy === 'magent' ? [] : [`To keep magent: command: ${quoted(magent.command)}`]),
    ],
  };
}

/** The bundled proxy, once the schema has a choice of programs; of the ways to choose a server it knows magent's own. */
function fittingProxy({ servers, command }: Magent): 'bundled' | 'magent' {
  const alike = servers.length === 1 || !command.includes('-k');
  return alike && isKnown(['proxy', '*', 'engine']) ? 'bundled' : 'magent';
}

/** A list that can be copied into the config. */
function quoted(words: readonly string[]): string {
  return `[${words.map(formatScalar).join(', ')}]`;
}

/** magent's first server is the host's own memcached in every known script; it is asked, not looked for. */
function addOwnMemcached(config: Collection, magent: Magent, origin: Origin, instance: Collection): void {
  if (find(instance, 'track_memcached') !== undefined) return;
  const source = ['unicast_src_ip', 'mcast_src_ip'].map((key) => find(instance, key)?.value).find(Boolean);
  const all = [...magent.servers, ...magent.backups];
  const address = all.find((server) => server.split(':')[0] === source) ?? magent.servers[0]!;
  const name = memcachedNamed(config, 'local', address, () => ({
    key: null,
    value: map([{ key: 'address', value: address, origin }]),
    origin,
    before: [
      "This host's own memcached. When it is gone, the other host takes over; nothing stops the daemon.",
    ],
  }));
  trackMemcached(instance, name, origin);
}

/** A script that only asks memcached: every instance tracks what it asked. */
function addCheck(config: Collection, commands: ShellCommands, origin: Origin): boolean {
  const check = recogniseCheck(commands);
  if (check === null) return false;
  const name = memcachedNamed(config, 'local', check.address, () => ({
    key: null,
    value: map([{ key: 'address', value: check.address, origin }]),
    origin,
    before: [`Instead of ${origin.at.file}, which ${check.how}.`],
  }));
  for (const { value } of instancesOf(config)) trackMemcached(value, name, origin);
  return true;
}

/** A hook that starts or stops magent would do so behind the daemon's back. */
function dropHooks(instance: Collection, options: ProxyOptions, sources: Sources): void {
  for (const hook of HOOKS) {
    const entry = find(instance, hook);
    if (entry === undefined || !mentionsMagent(commandsOf(commandWords(entry), options, sources))) continue;
    instance.entries.splice(instance.entries.indexOf(entry), 1);
    instance.losses.push({
      what: entry.origin.text[0] ?? hook,
      reason:
        'it starts or stops magent, which the proxy block does now; put what else it does into another hook',
      origin: entry.origin,
    });
  }
}

function addressesOf(instance: Collection): string[] {
  return ['virtual_ipaddress', 'virtual_ipaddress_excluded'].flatMap((key) => {
    const value = find(instance, key)?.value;
    if (value === undefined || !isCollection(value)) return [];
    return value.entries.map((entry) => String(entry.value).split(/[/ ]/)[0]!);
  });
}
