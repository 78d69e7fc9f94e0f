/** Puts virtual addresses on interfaces, renews their leases and takes them away, by `ip addr`. */
import { familyOf } from '../core/ip-address.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';
import { type IpBatch, IpError } from './ip-batch.ts';

/** An address and where it belongs; null: not given, the kernel's default. */
export interface AddressOnInterface {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly dev: string;
  readonly label: string | null;
  readonly scope: string | null;
  readonly brd: string | null;
}

/** What the kernel says when an address or its interface is not there: nothing is left to take away. */
const GONE = /Cannot assign requested address|address not found|Cannot find device|No such device/i;

/**
 * Puts the address on, or renews it when it is there. With a lease the kernel takes it away by itself when nobody
 * renews it in time: never early, and up to 0.4 s late (IPv6: 1 s). An IPv6 address is in use at once, without duplicate
 * address detection: VRRP itself sees to it that one host has it, and a detection that failed once would keep the address
 * useless for ever. As in keepalived, a /128 is deprecated, so that no connection of this host goes out from it.
 * Rejects with IpError.
 */
export async function putAddress(
  batch: Pick<IpBatch, 'run'>,
  on: AddressOnInterface,
  lease: Millis | null,
): Promise<void> {
  const seconds = lease === null ? 'forever' : String(Math.ceil(lease / 1000));
  const words = ['addr change', `${on.address}/${on.prefixLength}`, 'dev', on.dev];
  if (on.brd !== null) words.push('brd', on.brd);
  if (on.label !== null) words.push('label', on.label);
  if (on.scope !== null) words.push('scope', on.scope);
  if (familyOf(on.address) === 4) words.push('valid_lft', seconds, 'preferred_lft', seconds);
  else words.push('valid_lft', seconds, 'preferred_lft', on.prefixLength === 128 ? '0' : seconds, 'nodad');
  await batch.run(words.join(' '));
}

/** Takes the address away; one that is not there is no error. Rejects with IpError. */
export async function removeAddress(batch: Pick<IpBatch, 'run'>, on: AddressOnInterface): Promise<void> {
  try {
    await batch.run(`addr del ${on.address}/${on.prefixLength} dev ${on.dev}`);
  } catch (error) {
    if (!(error instanceof IpError && GONE.test(error.message))) throw error;
  }
}
