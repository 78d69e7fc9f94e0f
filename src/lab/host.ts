/**
 * One host of the lab: a network namespace with eth0 on the lab's switch. Owns what can be done to and asked of a
 * host; knows nothing of memcached or VRRP.
 */
import { rmSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { type Impairment, type ImpairmentResult, impairPort } from './impair.ts';
import { type LabProcess, type SpawnOptions, spawnIn } from './process.ts';
import { killAllIn, namespacePath, pidsIn } from './remains.ts';
import { type Finished, type RunOptions, run } from './run.ts';

/** An address on an interface, as `ip -j addr` tells it; lifetimes in seconds, Infinity for `forever`. */
export interface HeldAddress {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly label: string;
  readonly scope: string;
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}

/** A listening TCP socket; `address` is `*` or `0.0.0.0` for any. */
export interface Listener {
  readonly address: string;
  readonly port: number;
}

export interface Ipv6Addresses {
  readonly global: string;
  readonly linkLocal: string;
}

export interface Host {
  readonly name: string;
  /** The name under `ip netns list`. */
  readonly namespace: string;
  /** Its own address in 10.9.0.0/24. */
  readonly address: string;
  /** Its addresses in fd00:9::/64 and fe80::/64; null in a lab without IPv6. */
  readonly ipv6: Ipv6Addresses | null;
  readonly mac: string;
  /** A directory for this host's files, gone with the lab. */
  readonly directory: string;
  /** In the place of /run: not there until somebody makes it, and gone with powerOn, as with any boot. */
  readonly runDirectory: string;
  /** Runs a program in the host to its end; errors as `run`. */
  exec(words: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts a program in the host that goes on; it dies with the lab. */
  spawn(words: readonly string[], options?: SpawnOptions): LabProcess;
  /** Pulls the cable: the host sees its carrier go. (Administratively down is `exec(['ip', 'link', 'set', 'eth0', 'down'])`.) */
  linkDown(): Promise<void>;
  linkUp(): Promise<void>;
  /** The network swallows everything to and from the host, while the host still sees its carrier. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  /** Unplugs and then SIGKILLs every process and its connections: nobody hears a last word. Its addresses stay until powerOn. */
  powerOff(): Promise<void>;
  /** The host as it was after createLab: no virtual address, no neighbours learnt, plugged in, nothing running. */
  powerOn(): Promise<void>;
  /** All IPv4 and IPv6 addresses of all interfaces. */
  addresses(): Promise<HeldAddress[]>;
  holds(address: string): Promise<boolean>;
  listeners(): Promise<Listener[]>;
  /** Is a TCP socket listening on this port (of this very address, when one is given)? */
  listens(port: number, address?: string): Promise<boolean>;
  /** Every process in the host's namespace. */
  pids(): number[];
  /** Frames to and from the host are lost or late from now on; what the kernel cannot do is told. */
  impair(impairment: Impairment): Promise<ImpairmentResult>;
  /** Ends `impair`. */
  heal(): Promise<void>;
}

/** Where a host sits: everything that createLab knows of it. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
  readonly switchNamespace: string;
  readonly port: string;
  readonly address: string;
  readonly ipv6: Ipv6Addresses | null;
  readonly mac: string;
  readonly directory: string;
}

/** A host whose namespace is there already (namespaces.ts makes it). */
export function hostAt(place: Place): Host {
  const { namespace, switchNamespace, port } = place;
  const exec = (words: readonly string[], options?: RunOptions) =>
    run(['nsenter', `--net=${namespacePath(namespace)}`, '--', ...words], options);
  const atSwitch = async (...words: string[]) => {
    await run(['nsenter', `--net=${namespacePath(switchNamespace)}`, '--', ...words]);
  };
  const runDirectory = join(place.directory, 'run');
  const started = new Set<LabProcess>();
  const spawn = (words: readonly string[], options?: SpawnOptions) => {
    const child = spawnIn(namespacePath(namespace), words, options);
    started.add(child);
    void child.exited.then(() => started.delete(child));
    return child;
  };
  const unplug = () => atSwitch('ip', 'link', 'set', port, 'nomaster');
  const plug = () => atSwitch('ip', 'link', 'set', port, 'master', 'br0');
  const linkUp = () => atSwitch('ip', 'link', 'set', port, 'up');
  const kill = async () => {
    const dying = [...started];
    killAllIn(namespace);
    await Promise.all(dying.map((child) => child.exited));
  };
  // The kernel goes on by itself with what a dead process had still to send, and would say it when power is back.
  const loseSockets = () => exec(['ss', '--kill', '--tcp', '--numeric', 'state', 'connected']);
  const addresses = async () => parseAddresses((await exec(['ip', '-j', 'addr', 'show'])).stdout);
  const listeners = async () => parseListeners((await exec(['ss', '-Htln'])).stdout);

  return {
    name: place.name,
    namespace,
    address: place.address,
    ipv6: place.ipv6,
    mac: place.mac,
    directory: place.directory,
    runDirectory,
    exec,
    spawn,
    linkDown: () => atSwitch('ip', 'link', 'set', port, 'down'),
    linkUp,
    unplug,
    plug,
    powerOff: async () => {
      await unplug();
      await kill();
      await loseSockets();
    },
    powerOn: async () => {
      await kill();
      await loseSockets();
      rmSync(runDirectory, { recursive: true, force: true });
      const fresh = ['addr flush dev eth0', ...addressBatch(place), 'neigh flush dev eth0'];
      await exec(['ip', '-batch', '-'], { input: `${fresh.join('\n')}\n` });
      await linkUp();
      await plug();
    },
    addresses,
    holds: async (address) => (await addresses()).some((held) => held.address === address),
    listeners,
    listens: async (number, address) =>
      (await listeners()).some(
        (one) => one.port === number && (address === undefined || one.address === address),
      ),
    pids: () => pidsIn(namespace),
    impair: (impairment) => impairPort(switchNamespace, port, impairment),
    heal: async () => {
      await impairPort(switchNamespace, port, {});
    },
  };
}

/**
 * The lines for `ip -batch` that give eth0 its own addresses and nothing by itself: an IPv6 link-local address of the
 * kernel's would not be there before its duplicate address detection has ended, a second or two later.
 * (In one line with `up`, the kernel would bring it up first and make the address.)
 */
export function addressBatch({ address, ipv6 }: Pick<Place, 'address' | 'ipv6'>): string[] {
  const own = ipv6 === null ? [] : [ipv6.linkLocal, ipv6.global];
  return [
    'link set eth0 addrgenmode none',
    'link set eth0 up',
    `addr add ${address}/24 brd + dev eth0`,
    ...own.map((one) => `addr add ${one}/64 dev eth0 nodad`),
  ];
}

interface IpAddressOutput {
  readonly ifname: string;
  readonly addr_info: ReadonlyArray<{
    readonly local: string;
    readonly prefixlen: number;
    readonly label?: string;
    readonly scope: string;
    readonly valid_life_time: number;
    readonly preferred_life_time: number;
  }>;
}

/** `forever` in iproute2's JSON. */
const FOREVER = 4_294_967_295;

function parseAddresses(json: string): HeldAddress[] {
  const seconds = (value: number) => (value === FOREVER ? Number.POSITIVE_INFINITY : value);
  return (JSON.parse(json) as IpAddressOutput[]).flatMap((link) =>
    link.addr_info.map((info) => ({
      interface: link.ifname,
      address: info.local,
      prefixLength: info.prefixlen,
      label: info.label ?? link.ifname,
      scope: info.scope,
      validLifetime: seconds(info.valid_life_time),
      preferredLifetime: seconds(info.preferred_life_time),
    })),
  );
}

function parseListeners(text: string): Listener[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      // State Recv-Q Send-Q Local-Address:Port Peer-Address:Port; the address may carry %interface and brackets.
      const local = line.trim().split(/\s+/)[3] ?? '';
      const colon = local.lastIndexOf(':');
      const bare = local.slice(0, colon).replace(/%.*$/, '');
      return {
        address: isIPv4(bare) ? bare : bare.replace(/^\[|\]$/g, ''),
        port: Number(local.slice(colon + 1)),
      };
    });
}
