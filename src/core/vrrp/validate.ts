/**
 * The receive checks of RFC 3768 §7.1 and RFC 9568 §7.1, in keepalived's order, each with its named reason.
 * Works on a whole IP datagram as io delivers it. Judges only; counting and logging is the daemon's.
 *
 * Departures, both keepalived's: the owner of priority 255 listens too (RFC 3768 §7.1 has it discard everything), or
 * two owners would never find out; an advertisement without any address is another list (RFC 9568 §5.2.5 ignores it).
 */
import { familyOf } from '../ip-address.ts';
import { readDatagram } from './datagram.ts';
import {
  AUTH_NONE,
  AUTH_PASS,
  checksumHolds,
  decodeAddresses,
  decodeAuth,
  decodeHeader,
  messageLength,
  TYPE_ADVERTISEMENT,
  VRRP_GROUP,
  VRRP_GROUP_IPV6,
  VRRP_TTL,
} from './packet.ts';
import type { IpAddress, Millis, VrrpParameters } from './parameters.ts';

/** Why an advertisement was discarded; the value of the metric's `reason` label. */
export type DiscardReason =
  | 'packet_length'
  | 'ttl'
  | 'version'
  | 'auth_type'
  | 'password'
  | 'advert_interval'
  | 'type'
  | 'checksum'
  | 'destination'
  | 'peer'
  | 'vrid';

/** All reasons, so that each counter exists from the start. */
export const DISCARD_REASONS: readonly DiscardReason[] = [
  'packet_length',
  'ttl',
  'version',
  'auth_type',
  'password',
  'advert_interval',
  'type',
  'checksum',
  'destination',
  'peer',
  'vrid',
];

/** An advertisement that passed every check. */
export interface ReceivedAdvertisement {
  readonly source: IpAddress;
  readonly priority: number;
  readonly advertisementInterval: Millis;
  /** False when its address list is not ours: logged and counted, but the advertisement counts (RFC 3768 §7.1). */
  readonly addressListMatches: boolean;
}

/** What the checks say of one datagram. */
export type Verdict =
  | { readonly ok: true; readonly advertisement: ReceivedAdvertisement }
  | { readonly ok: false; readonly reason: DiscardReason };

const discard = (reason: DiscardReason): Verdict => ({ ok: false, reason });

/** VRID of a datagram, to find its virtual router; null when it is too short to have one. */
export function virtualRouterIdOf(datagram: Uint8Array): number | null {
  return decodeHeader(readDatagram(datagram)?.message ?? new Uint8Array())?.virtualRouterId ?? null;
}

/** Judges a datagram for the virtual router `params`. Ethernet padding behind the datagram is tolerated. */
export function validateAdvertisement(params: VrrpParameters, datagram: Uint8Array): Verdict {
  const read = readDatagram(datagram);
  const header = read === null ? null : decodeHeader(read.message);
  if (read === null || header === null) return discard('packet_length');
  const { message, source, destination } = read;
  const family = familyOf(source);
  const length = messageLength(header.version, header.addressCount, family);
  if (message.length < length) return discard('packet_length');
  const unicast = params.unicastPeers.length > 0;

  // RFC 3768 §7.1: TTL must be 255, and RFC 9568 §7.1 the hop limit. keepalived checks multicast only, unicast peers may be routers away.
  if (!unicast && read.hopLimit !== VRRP_TTL) return discard('ttl');
  if (header.version !== params.version) return discard('version');
  if (header.virtualRouterId !== params.virtualRouterId) return discard('vrid');
  if (params.version === 2) {
    if (header.authType !== (params.authPass === null ? AUTH_NONE : AUTH_PASS)) return discard('auth_type');
    if (params.authPass !== null && !equal(params.authPass, decodeAuth(message, header.addressCount))) {
      return discard('password');
    }
    // RFC 3768 §7.1: the interval must be the local one; RFC 9568 §6.4.2 adopts the master's instead.
    if (header.advertisementInterval !== params.advertisementInterval) return discard('advert_interval');
  } else if (header.advertisementInterval === 0) {
    return discard('advert_interval');
  }
  if (header.type !== TYPE_ADVERTISEMENT) return discard('type');
  if (message.length !== length) return discard('packet_length');
  if (!checksumHolds(message, header.version, source, destination)) return discard('checksum');
  if (unicast === (destination === (family === 4 ? VRRP_GROUP : VRRP_GROUP_IPV6)))
    return discard('destination');
  if (unicast && !params.unicastPeers.includes(source)) return discard('peer');

  const addresses = decodeAddresses(message, header.addressCount, family);
  return {
    ok: true,
    advertisement: {
      source,
      priority: header.priority,
      advertisementInterval: header.advertisementInterval,
      addressListMatches: sameSet(addresses, params.addresses),
    },
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** With as many addresses on both sides, and ours all different, each of ours among theirs makes them the same. */
function sameSet(theirs: readonly IpAddress[], ours: readonly IpAddress[]): boolean {
  return theirs.length === ours.length && ours.every((address) => theirs.includes(address));
}
