/**
 * Makes and removes the interface that carries a virtual router's MAC address, and sets what the kernel must know so
 * that the two interfaces do not speak for each other. Knows nothing of VRRP's states.
 */
import { isVirtualRouterMac } from '../core/vrrp/virtual-router-mac.ts';
import type { IpBatch } from './ip-batch.ts';
import type { KernelSettings } from './kernel-settings.ts';

/** An interface to be made on top of `base`. */
export interface VmacInterface {
  readonly name: string;
  readonly base: string;
  readonly mac: string;
}

/** The part of `ip -j addr` that we read (`ip link show` within a batch would change what later `addr` commands mean). */
interface LinkEntry {
  readonly ifname?: string;
  readonly address?: string;
  /** The interface below. */
  readonly link?: string;
  readonly group?: string;
}

/**
 * Makes the interface and brings it up; it stays up in every state, as keepalived's does. The caller has removed what
 * was left of an earlier one. Rejects with what the kernel refused, and then there is no such interface.
 *
 * It is a macvlan as keepalived's, but in mode vepa instead of private. In both nothing passes between interfaces of this
 * host; but a private one keeps all multicast that comes from its own MAC to itself, and that is what another host's
 * advertisements are. keepalived therefore listens on it, which makes every BACKUP send IGMP reports from the MAC that
 * the MASTER's frames must be sent to, and needs a firewall to stop them. We listen on the base.
 */
export async function makeVmac(batch: IpBatch, settings: KernelSettings, vmac: VmacInterface): Promise<void> {
  const { name, base, mac } = vmac;
  const group = (await links(batch)).find(({ ifname }) => ifname === base)?.group;
  const sameGroup = group === undefined ? '' : ` group ${group}`; // of the base, for firewalls that go by it
  await batch.run(`link add link ${base} name ${name} address ${mac}${sameGroup} type macvlan mode vepa`);
  try {
    prepare(settings, vmac);
    await batch.run(`link set dev ${name} up`);
  } catch (error) {
    await batch.run(`link del dev ${name}`);
    throw error;
  }
}

/**
 * Removes the interface, and with it the addresses on it; one that is not there is no error. Rejects when an interface
 * of this name is somebody else's, which its MAC shows.
 */
export async function removeVmac(batch: IpBatch, { name }: VmacInterface): Promise<void> {
  const found = (await links(batch)).find(({ ifname }) => ifname === name);
  if (found === undefined) return;
  if (found.link === undefined || !isVirtualRouterMac(found.address ?? '')) {
    throw new Error(
      `there is an interface ${name} already, with ${found.address ?? 'no MAC'}; give use_vmac another name`,
    );
  }
  await batch.run(`link del dev ${name}`);
}

/** Throws when this process may not set what an interface of use_vmac needs; changes nothing. */
export function checkVmacs(settings: KernelSettings): void {
  // Where new interfaces come as they must be, /proc/sys may be read-only.
  if (settings.read('ipv4/conf/default/accept_local') !== '1')
    settings.check('ipv4/conf/default/accept_local');
}

function prepare(settings: KernelSettings, { name, base }: VmacInterface): void {
  // What arrives on the new interface is answered through the base, which rp_filter would take for a forgery. The
  // kernel takes the higher of an interface's and `all`: so each interface gets what `all` was, and `all` becomes 0.
  const all = Number(settings.read('ipv4/conf/all/rp_filter') ?? 0);
  if (all > 0) {
    for (const other of settings.list('ipv4/conf').filter((entry) => entry !== 'all')) {
      const value = Number(settings.read(`ipv4/conf/${other}/rp_filter`) ?? all);
      if (value < all) settings.change(`ipv4/conf/${other}/rp_filter`, all);
    }
    settings.change('ipv4/conf/all/rp_filter', 0);
  }
  const own = (setting: string, value: number) => settings.write(`ipv4/conf/${name}/${setting}`, value);
  own('rp_filter', 0);
  own('accept_local', 1);
  own('promote_secondaries', 1);
  own('arp_ignore', 1); // the addresses of the base are not at this MAC
  if (settings.read(`ipv6/conf/${name}/disable_ipv6`) !== null) {
    settings.write(`ipv6/conf/${name}/disable_ipv6`, 1); // or its MAC would speak on every BACKUP
  }
  settings.change(`ipv4/conf/${base}/arp_ignore`, 1); // the virtual addresses are not at the base's MAC
  settings.change(`ipv4/conf/${base}/arp_filter`, 1);
  // Not keepalived's: answers to clients leave through the base, and when it has to ask for a client's MAC, it would
  // give the virtual address as its own, at its own MAC, and the client would believe it.
  settings.change(`ipv4/conf/${base}/arp_announce`, 2);
}

async function links(batch: IpBatch): Promise<readonly LinkEntry[]> {
  return JSON.parse(await batch.run('addr show')) as readonly LinkEntry[];
}
