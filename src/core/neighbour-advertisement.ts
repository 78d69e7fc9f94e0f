/**
 * The unsolicited neighbour advertisement with which a new MASTER claims an IPv6 address (RFC 9568 §6.4.2, RFC 4861
 * §4.4), in the place of IPv4's gratuitous ARP, and whose address any neighbour advertisement claims. Bytes only.
 */
import type { Claim } from './arp-packet.ts';
import { internetChecksum, pseudoHeader } from './checksum.ts';
import { addressBytes } from './ip-address.ts';
import { formatIpv6 } from './ipv6.ts';
import type { Ipv6 } from './vrrp/parameters.ts';

const ETHERTYPE_IPV6 = 0x86dd;
const ICMPV6 = 58;
/** RFC 4861 §7.1.2: a neighbour advertisement that came through a router is refused. */
const HOP_LIMIT = 255;
const NEIGHBOUR_ADVERTISEMENT = 136;
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;
/** RFC 4861 §4.6.1, its length in units of eight bytes. */
const TARGET_LINK_LAYER_ADDRESS = 2;
const ALL_NODES: Ipv6 = 'ff02::1';
/** RFC 2464 §7: 33:33 and the last four bytes of the group. */
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];

const ETHERNET_LENGTH = 14;
const IPV6_LENGTH = 40;
const MESSAGE_LENGTH = 32;
/** Bytes of the frame: Ethernet header 14, IPv6 header 40, neighbour advertisement 24, option 8. */
export const NEIGHBOUR_ADVERTISEMENT_FRAME_LENGTH = ETHERNET_LENGTH + IPV6_LENGTH + MESSAGE_LENGTH;

/**
 * The frame as keepalived sends it: from `mac` and `address` to all nodes, Override set and Solicited not, the router
 * flag as `isRouter` (the interface forwards), with `mac` as target link-layer address.
 */
export function unsolicitedNeighbourAdvertisement(
  mac: Uint8Array,
  address: Ipv6,
  isRouter: boolean,
): Uint8Array {
  const frame = new Uint8Array(NEIGHBOUR_ADVERTISEMENT_FRAME_LENGTH);
  const view = new DataView(frame.buffer);
  const ip = addressBytes(address);
  frame.set(ALL_NODES_MAC, 0);
  frame.set(mac, 6);
  view.setUint16(12, ETHERTYPE_IPV6);

  const header = frame.subarray(ETHERNET_LENGTH);
  header[0] = 0x60;
  header[5] = MESSAGE_LENGTH;
  header[6] = ICMPV6;
  header[7] = HOP_LIMIT;
  header.set(ip, 8);
  header.set(addressBytes(ALL_NODES), 24);

  const message = header.subarray(IPV6_LENGTH);
  message[0] = NEIGHBOUR_ADVERTISEMENT;
  message[4] = FLAG_OVERRIDE | (isRouter ? FLAG_ROUTER : 0);
  message.set(ip, 8);
  message[24] = TARGET_LINK_LAYER_ADDRESS;
  message[25] = 1;
  message.set(mac, 26);
  const sum = internetChecksum(pseudoHeader(address, ALL_NODES, ICMPV6, MESSAGE_LENGTH), message);
  view.setUint16(ETHERNET_LENGTH + IPV6_LENGTH + 2, sum);
  return frame;
}

/**
 * Whose address a neighbour advertisement claims: its target's, for the target link-layer address (RFC 4861 §4.4) or,
 * without one, for the frame's sender. Null for anything else, and for what came through a router.
 */
export function readNeighbourClaim(frame: Uint8Array): Claim | null {
  const target = ETHERNET_LENGTH + IPV6_LENGTH + 8;
  const options = target + 16;
  if (frame.length < options) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const isAdvertisement =
    view.getUint16(12) === ETHERTYPE_IPV6 &&
    frame[ETHERNET_LENGTH + 6] === ICMPV6 &&
    frame[ETHERNET_LENGTH + 7] === HOP_LIMIT &&
    frame[target - 8] === NEIGHBOUR_ADVERTISEMENT;
  if (!isAdvertisement) return null;
  let mac = frame.slice(6, 12);
  // Options are a type, a length in eights of bytes, and the rest; one of length 0 ends what can be read.
  for (let at = options; at + 8 <= frame.length && frame[at + 1]! > 0; at += frame[at + 1]! * 8) {
    if (frame[at] === TARGET_LINK_LAYER_ADDRESS) mac = frame.slice(at + 2, at + 8);
  }
  return { address: formatIpv6(frame, target), mac };
}
