/** Ethernet frames with a VRRP message in them, right in all but what a test makes wrong. Pure. */
import { addressBytes } from '../../../src/core/ip-address.ts';
import { VRRP_GROUP, VRRP_GROUP_IPV6 } from '../../../src/core/vrrp/packet.ts';

export interface Datagram {
  readonly sourceMac: string;
  readonly source: string;
  /** Default: the VRRP group of the family. */
  readonly destination?: string;
  /** Default: the group's. */
  readonly destinationMac?: string;
  /** Default 255. */
  readonly ttl?: number;
  readonly message: Uint8Array;
}

/** The frame in hexadecimal, with a right IP checksum. */
export function vrrpFrame(datagram: Datagram): string {
  const { message, source, destination = VRRP_GROUP, ttl = 255 } = datagram;
  const header = Buffer.alloc(20);
  header.set([0x45, 0xc0]);
  header.writeUInt16BE(header.length + message.length, 2);
  header.set([ttl, 112], 8);
  header.set(addressBytes(source), 12);
  header.set(addressBytes(destination), 16);
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  const macs = [datagram.destinationMac ?? '01:00:5e:00:00:12', datagram.sourceMac].map((mac) =>
    mac.replaceAll(':', ''),
  );
  return `${macs.join('')}0800${header.toString('hex')}${Buffer.from(message).toString('hex')}`;
}

/** The same over IPv6. */
export function vrrpFrameIpv6(datagram: Datagram): string {
  const { message, source, destination = VRRP_GROUP_IPV6, ttl = 255 } = datagram;
  const header = Buffer.alloc(40);
  header.set([0x6c, 0]);
  header.writeUInt16BE(message.length, 4);
  header.set([112, ttl], 6);
  header.set(addressBytes(source), 8);
  header.set(addressBytes(destination), 24);
  const macs = [datagram.destinationMac ?? '33:33:00:00:00:12', datagram.sourceMac].map((mac) =>
    mac.replaceAll(':', ''),
  );
  return `${macs.join('')}86dd${header.toString('hex')}${Buffer.from(message).toString('hex')}`;
}
