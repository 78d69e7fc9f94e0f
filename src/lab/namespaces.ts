/**
 * A laboratory: hosts and a client as network namespaces around a switch that is one too, so that the machine's own
 * network is never touched. Owns their making and their end; host.ts owns what happens in between.
 */
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressBatch, type Host, hostAt, type Place } from './host.ts';
import { blockDirection } from './impair.ts';
import { guard, namespacePath, remove, sweep } from './remains.ts';
import { run } from './run.ts';

export interface LabOptions<Name extends string> {
  /** Begins the names of all namespaces, before the owner's pid; 2 to 12 lower case letters, default `mha`. */
  readonly prefix?: string;
  /** Hosts by name, at 10.9.0.101 and up; default a and b. A name: lower case letters and digits, at most 10. */
  readonly hosts?: readonly Name[];
  /** True: eth0 also has addresses in fd00:9::/64 and fe80::/64, ending in the number of its IPv4 address (::101). */
  readonly ipv6?: boolean;
}

/** Which frames a partition swallows. */
export interface BlockOptions {
  /** Only this IPv4 protocol (112: VRRP); default: everything. */
  readonly ipProtocol?: number;
}

export interface Lab<Name extends string = string> {
  /** What all namespaces of this lab begin with, e.g. `mha4711`. */
  readonly name: string;
  readonly hosts: Readonly<Record<Name, Host>>;
  /** At 10.9.0.10. */
  readonly client: Host;
  /** A temporary directory that goes with the lab. */
  readonly directory: string;
  /** `from` is no longer heard by `to` (the other direction goes on: call it twice for a partition). */
  block(from: Host, to: Host, options?: BlockOptions): Promise<void>;
  unblock(from: Host, to: Host): Promise<void>;
  /** Kills every process in the lab and removes all of it; may be called again. */
  destroy(): Promise<void>;
}

let made = 0;

/**
 * Builds a lab; takes some 50 ms. It is removed by `destroy`, and also when this process exits, throws or gets SIGINT,
 * SIGTERM or SIGHUP. What an owner left that was killed with SIGKILL is swept up by the next createLab of this prefix.
 * @throws Error without root, or with what `ip` said
 */
export async function createLab<Name extends string = 'a' | 'b'>(
  options: LabOptions<Name> = {},
): Promise<Lab<Name>> {
  const prefix = options.prefix ?? 'mha';
  const names: readonly string[] = options.hosts ?? ['a', 'b'];
  validate(prefix, names);
  sweep(prefix);

  made += 1;
  const name = `${prefix}${process.pid}${made === 1 ? '' : `n${made}`}`;
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(directory, 0o755); // programs that run as another user read their files here
  const place = (host: string, number: number): Place => ({
    name: host,
    namespace: `${name}-${host}`,
    switchNamespace: `${name}-sw`,
    port: `port-${host}`,
    address: `10.9.0.${number}`,
    ipv6: options.ipv6 === true ? { global: `fd00:9::${number}`, linkLocal: `fe80::${number}` } : null,
    mac: `02:00:0a:09:00:${number.toString(16).padStart(2, '0')}`,
    directory: join(directory, host),
  });
  const places = [...names.map((host, index) => place(host, 101 + index)), place('client', 10)];
  const remains = {
    namespaces: [...places.map((one) => one.namespace), `${name}-sw`],
    directories: [directory],
  };
  const release = guard(remains);
  const destroy = async () => {
    remove(remains);
    release();
  };
  try {
    await build(places, `${name}-sw`);
  } catch (error) {
    await destroy();
    throw error;
  }

  const byName = new Map(places.map((one) => [one.name, one]));
  const direction = (from: Host, to: Host) => ({
    fromMac: from.mac,
    fromNumber: Number(from.address.split('.')[3]),
    toPort: `port-${to.name}`,
  });
  const client = byName.get('client');
  if (client === undefined) throw new Error('the lab lost its client');
  return {
    name,
    directory,
    hosts: Object.fromEntries(
      places.filter((one) => one !== client).map((one) => [one.name, hostAt(one)]),
    ) as Record<Name, Host>,
    client: hostAt(client),
    block: (from, to, block = {}) => blockDirection(`${name}-sw`, direction(from, to), block),
    unblock: (from, to) => blockDirection(`${name}-sw`, direction(from, to), null),
    destroy,
  };
}

function validate(prefix: string, names: readonly string[]): void {
  if (!/^[a-z]{2,12}$/.test(prefix))
    throw new Error(`lab prefix ${prefix}: 2 to 12 lower case letters are wanted`);
  for (const name of names) {
    // An interface's name has at most 15 characters, and `port-` is five of them.
    if (!/^[a-z0-9]{1,10}$/.test(name))
      throw new Error(`host name ${name}: lower case letters and digits, at most 10`);
    if (name === 'sw' || name === 'client') throw new Error(`host name ${name} is taken by the lab itself`);
  }
  if (new Set(names).size !== names.length) throw new Error(`host names are not unique: ${names.join(' ')}`);
  if (names.length > 100) throw new Error('at most 100 hosts');
  if (process.getuid?.() !== 0) throw new Error('a lab needs root: it makes network namespaces');
}

/** All of it with one `ip` for the namespaces, one for the switch and one for each host. */
async function build(places: readonly Place[], switchNamespace: string): Promise<void> {
  const batch = (lines: readonly string[], ...enter: string[]) =>
    run([...enter, 'ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  const enter = (namespace: string) => ['nsenter', `--net=${namespacePath(namespace)}`, '--'];

  for (const place of places) mkdirSync(place.directory);
  await batch(
    [...places.map((place) => place.namespace), switchNamespace].map((name) => `netns add ${name}`),
  );
  await batch(
    [
      // Without snooping the bridge floods VRRP's multicast, as a plain switch does. No interface of the switch has
      // any address, IPv6 link-local included: it forwards and says nothing itself.
      'link add br0 type bridge mcast_snooping 0 stp_state 0',
      'link set br0 addrgenmode none',
      'link set br0 up',
      ...places.flatMap(({ port, namespace, mac }) => [
        `link add ${port} type veth peer name eth0 address ${mac} netns ${namespace}`,
        `link set ${port} addrgenmode none`,
        `link set ${port} master br0 up`,
      ]),
    ],
    ...enter(switchNamespace),
  );
  await Promise.all([
    run([...enter(switchNamespace), 'sh', '-c', zero('/proc/sys/net/bridge/bridge-nf-call-*')]),
    ...places.map(async ({ namespace, ...place }) => {
      await batch(['link set lo up', ...addressBatch(place)], ...enter(namespace));
      await run([...enter(namespace), 'sh', '-c', zero('/proc/sys/net/ipv4/conf/*/rp_filter')]);
    }),
  ]);
}

/**
 * A shell command that sets kernel settings to 0 where they are there and are not. Two kinds stand in a lab's way. A
 * new namespace inherits rp_filter from the machine (net.core.devconf_inherit_init_net), and a strict one may drop
 * what a host with a virtual address receives. And with bridge-nf-call a bridge looks into IP headers and drops broken
 * ones, which a switch does not and a test of broken packets cannot have.
 */
function zero(settings: string): string {
  return `for f in ${settings}; do [ -e "$f" ] || continue; read -r v <"$f"; [ "$v" = 0 ] || echo 0 >"$f"; done`;
}
