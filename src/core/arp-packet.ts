/**
 * The gratuitous ARP frame with which a new MASTER claims an address (RFC 3768 §6.4.2, RFC 826), and whose address any
 * ARP frame claims (RFC 5227 §2.4). Bytes only.
 */
import { addressBytes } from './ip-address.ts';
import { formatIpv4 } from './ipv4.ts';
import type { IpAddress, Ipv4 } from './vrrp/parameters.ts';

const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const ETHERTYPE_ARP = 0x0806;
/** Bytes of the frame: Ethernet header 14, ARP for IPv4 over Ethernet 28. */
export const ARP_FRAME_LENGTH = 42;

/**
 * A gratuitous ARP request as keepalived sends it: broadcast, operation 1, sender = `mac` and `address`,
 * target hardware address ff:ff:ff:ff:ff:ff, target address = `address`.
 */
export function gratuitousArp(mac: Uint8Array, address: Ipv4): Uint8Array {
  const ip = addressBytes(address);
  const frame = new Uint8Array(ARP_FRAME_LENGTH);
  const view = new DataView(frame.buffer);
  frame.set(BROADCAST_MAC, 0);
  frame.set(mac, 6);
  view.setUint16(12, ETHERTYPE_ARP);
  view.setUint16(14, 1); // hardware type: Ethernet
  view.setUint16(16, 0x0800); // protocol type: IPv4
  view.setUint8(18, 6);
  view.setUint8(19, 4);
  view.setUint16(20, 1); // operation: request
  frame.set(mac, 22);
  frame.set(ip, 28);
  frame.set(BROADCAST_MAC, 32);
  frame.set(ip, 38);
  return frame;
}

/** That somebody uses an address: what a frame says of its sender. */
export interface Claim {
  readonly address: IpAddress;
  /** Six bytes. */
  readonly mac: Uint8Array;
}

/**
 * Whose address an ARP frame claims: its sender's, request or reply (RFC 5227 §2.4). Null for anything else; a probe
 * (RFC 5227 §2.1.1) claims nothing yet.
 */
export function readArpClaim(frame: Uint8Array): Claim | null {
  if (frame.length < ARP_FRAME_LENGTH) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const isArp =
    view.getUint16(12) === ETHERTYPE_ARP &&
    view.getUint32(14) === 0x0001_0800 &&
    view.getUint16(18) === 0x0604;
  const address = formatIpv4(frame, 28);
  return isArp && address !== '0.0.0.0' ? { address, mac: frame.slice(22, 28) } : null;
}
