/**
 * What the kernel says of interfaces and addresses: a snapshot, taken anew whenever `ip monitor` tells of a change.
 * The monitor's lines are only the alarm; the truth is the JSON of `ip addr`, in order with our own changes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { formatIpv6, parseIpv6 } from '../core/ipv6.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import type { IpBatch } from './ip-batch.ts';

/** Pause before a monitor that died is started again, in ms. */
const RESTART_PAUSE = 1_000;

/** One address of an interface that is in use: not an IPv6 address whose uniqueness is still in doubt (RFC 4862 §5.4). */
export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** One interface. `up`: administratively up and with carrier (keepalived's IFF_UP and IFF_RUNNING). */
export interface Interface {
  readonly name: string;
  readonly index: number;
  /** Hardware address, six bytes on Ethernet. */
  readonly mac: Uint8Array;
  readonly up: boolean;
  readonly addresses: readonly InterfaceAddress[];
}

/** All interfaces of this host by name. */
export type Network = ReadonlyMap<string, Interface>;

export interface NetworkMonitor {
  /** Takes a fresh snapshot now; rejects with IpError. */
  refresh(): Promise<Network>;
  close(): void;
}

export interface NetworkMonitorOptions {
  readonly batch: IpBatch;
  /** Every snapshot that a change led to, in order. */
  readonly onChange: (network: Network) => void;
  /** The monitor died or a snapshot failed; it goes on by itself. */
  readonly onError: (error: Error) => void;
}

/** Starts `ip monitor`; it dies with this process. */
export function watchNetwork({ batch, onChange, onError }: NetworkMonitorOptions): NetworkMonitor {
  let closed = false;
  let child: ChildProcess | null = null;
  let restart: NodeJS.Timeout | undefined;
  let asked = false;
  let changedSince = false;

  const refresh = async (): Promise<Network> => parseNetwork(await batch.run('addr show'));

  /**
   * Many changes make one snapshot: never two of them under way. A host with 255 addresses would else take hundreds
   * while it renews their leases, each as long as the list, and come too late to renew the rest.
   */
  const changed = (): void => {
    changedSince = true;
    if (asked || closed) return;
    asked = true;
    setImmediate(() => {
      changedSince = false;
      refresh()
        .then((network) => !closed && onChange(network))
        .catch((error: Error) => !closed && onError(error))
        .finally(() => {
          asked = false;
          // What changed after the snapshot was asked for may not be in it.
          if (changedSince) changed();
        });
    });
  };

  const start = (): void => {
    const words = ['--pdeathsig', 'KILL', 'ip', '-o', 'monitor', 'link', 'address'];
    const started = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    child = started;
    createInterface({ input: started.stdout }).on('line', changed);
    started.once('spawn', changed); // what happened before it listened
    started.on('error', onError);
    started.on('close', () => {
      if (closed) return;
      onError(new Error('ip monitor ended; starting it again'));
      restart = setTimeout(start, RESTART_PAUSE);
    });
  };
  start();

  return {
    refresh,
    close() {
      closed = true;
      clearTimeout(restart);
      child?.kill('SIGKILL');
    },
  };
}

/** The part of `ip -j addr` that we read. */
interface IpAddrEntry {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly address?: string;
  readonly addr_info: readonly {
    readonly family: string;
    readonly local?: string;
    readonly prefixlen: number;
    readonly tentative?: true;
    readonly dadfailed?: true;
  }[];
}

/** Parses the JSON of `ip -j addr show`. */
export function parseNetwork(json: string): Network {
  const entries = JSON.parse(json) as readonly Partial<IpAddrEntry>[];
  const network = new Map<string, Interface>();
  for (const entry of entries) {
    if (entry.ifname === undefined || entry.ifindex === undefined) continue; // ip prints {} for what it filters out
    const flags = entry.flags ?? [];
    network.set(entry.ifname, {
      name: entry.ifname,
      index: entry.ifindex,
      mac: Uint8Array.from((entry.address ?? '').split(':'), (byte) => Number.parseInt(byte, 16)),
      up: flags.includes('UP') && flags.includes('LOWER_UP'),
      addresses: (entry.addr_info ?? []).flatMap((info) => {
        const address = addressOf(info);
        return address === null ? [] : [{ address, prefixLength: info.prefixlen }];
      }),
    });
  }
  return network;
}

function addressOf({
  family,
  local,
  tentative,
  dadfailed,
}: IpAddrEntry['addr_info'][number]): IpAddress | null {
  if (local === undefined) return null;
  if (family === 'inet') return local;
  const bytes = family === 'inet6' && !tentative && !dadfailed ? parseIpv6(local) : null;
  return bytes === null ? null : formatIpv6(bytes);
}
