/**
 * The VRRP advertisement on the wire: RFC 3768 §5.1 (with the PASS authentication of RFC 2338 that keepalived keeps)
 * and RFC 9568 §5.1, over IPv4 and IPv6. Encodes and decodes the VRRP message only; the kernel writes the IP header, validate.ts
 * judges what was received.
 */
import { internetChecksum, pseudoHeader } from '../checksum.ts';
import { ADDRESS_LENGTH, addressBytes, familyOf, type IpFamily } from '../ip-address.ts';
import { formatIpv4 } from '../ipv4.ts';
import { formatIpv6 } from '../ipv6.ts';
import type { IpAddress, Ipv4, Ipv6, Millis, VrrpVersion } from './parameters.ts';

/** IP protocol number of VRRP (RFC 3768 §5.2.4). */
export const VRRP_PROTOCOL = 112;
/** Destination of multicast advertisements (RFC 3768 §5.2.2). */
export const VRRP_GROUP: Ipv4 = '224.0.0.18';
/** The same over IPv6 (RFC 9568 §5.1.2.2). */
export const VRRP_GROUP_IPV6: Ipv6 = 'ff02::12';
/** The only TTL or hop limit that a receiver accepts (RFC 3768 §5.2.3, RFC 9568 §5.1.2.3). */
export const VRRP_TTL = 255;

/** VRRP packet type ADVERTISEMENT, the only one there is (RFC 3768 §5.3.2). */
export const TYPE_ADVERTISEMENT = 1;
/** Authentication types of RFC 2338 §5.3.6. */
export const AUTH_NONE = 0;
export const AUTH_PASS = 1;

const HEADER_LENGTH = 8;
const AUTH_LENGTH = 8;

/** The fields of an advertisement; `advertisementInterval` in ms. */
export interface Advertisement {
  readonly version: VrrpVersion;
  readonly virtualRouterId: number;
  /** 0: the master resigns (RFC 3768 §5.3.4). */
  readonly priority: number;
  readonly advertisementInterval: Millis;
  readonly addresses: readonly IpAddress[];
  /** v2 only: eight bytes of PASS authentication, or null for none. */
  readonly authPass: Uint8Array | null;
}

/**
 * The VRRP message. `source` and `destination` enter the checksum of version 3 only (RFC 9568 §5.2.8).
 * v2 always ends in eight authentication bytes, zero without a password, as RFC 3768 §5.3.10 and keepalived have it.
 */
export function encodeAdvertisement(
  advert: Advertisement,
  source: IpAddress,
  destination: IpAddress,
): Uint8Array {
  const authLength = advert.version === 2 ? AUTH_LENGTH : 0;
  const addressLength = ADDRESS_LENGTH[familyOf(source)];
  const bytes = new Uint8Array(HEADER_LENGTH + addressLength * advert.addresses.length + authLength);
  bytes[0] = (advert.version << 4) | TYPE_ADVERTISEMENT;
  bytes[1] = advert.virtualRouterId;
  bytes[2] = advert.priority;
  bytes[3] = advert.addresses.length;
  if (advert.version === 2) {
    bytes[4] = advert.authPass === null ? AUTH_NONE : AUTH_PASS;
    bytes[5] = advert.advertisementInterval / 1000;
    if (advert.authPass !== null) bytes.set(advert.authPass, bytes.length - AUTH_LENGTH);
  } else {
    const centiseconds = Math.round(advert.advertisementInterval / 10);
    bytes[4] = (centiseconds >> 8) & 0x0f;
    bytes[5] = centiseconds & 0xff;
  }
  advert.addresses.forEach((address, i) => {
    bytes.set(addressBytes(address), HEADER_LENGTH + addressLength * i);
  });
  const sum = checksum(bytes, advert.version, source, destination);
  bytes[6] = sum >> 8;
  bytes[7] = sum & 0xff;
  return bytes;
}

/** The header's fields as they stand, unjudged; null when there are fewer than eight bytes. */
export interface RawHeader {
  readonly version: number;
  readonly type: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addressCount: number;
  /** v2's Auth Type; in v3 the high nibble of this byte is reserved and ignored. */
  readonly authType: number;
  /** Advertisement interval in ms: seconds in v2, centiseconds in v3. */
  readonly advertisementInterval: Millis;
}

/** Reads the first eight bytes of a VRRP message. */
export function decodeHeader(message: Uint8Array): RawHeader | null {
  if (message.length < HEADER_LENGTH) return null;
  const version = message[0]! >> 4;
  return {
    version,
    type: message[0]! & 0x0f,
    virtualRouterId: message[1]!,
    priority: message[2]!,
    addressCount: message[3]!,
    authType: message[4]!,
    advertisementInterval:
      version === 3 ? (((message[4]! & 0x0f) << 8) | message[5]!) * 10 : message[5]! * 1000,
  };
}

/** How long a message with this header must be, in bytes. Authentication is IPv4's alone, as in keepalived. */
export function messageLength(version: number, addressCount: number, family: IpFamily): number {
  const authLength = version === 2 && family === 4 ? AUTH_LENGTH : 0;
  return HEADER_LENGTH + ADDRESS_LENGTH[family] * addressCount + authLength;
}

/** The addresses of a message whose length was checked. */
export function decodeAddresses(message: Uint8Array, count: number, family: IpFamily): IpAddress[] {
  const format = family === 4 ? formatIpv4 : formatIpv6;
  return Array.from({ length: count }, (_, i) => format(message, HEADER_LENGTH + ADDRESS_LENGTH[family] * i));
}

/** The eight authentication bytes of a v2 message whose length was checked. */
export function decodeAuth(message: Uint8Array, count: number): Uint8Array {
  const start = HEADER_LENGTH + 4 * count;
  return message.slice(start, start + AUTH_LENGTH);
}

/** True when the message's checksum is right; v3 needs the addresses of its IP header. */
export function checksumHolds(
  message: Uint8Array,
  version: number,
  source: IpAddress,
  destination: IpAddress,
): boolean {
  return checksum(message, version, source, destination) === 0;
}

/** Eight bytes of PASS authentication from a password: cut, or padded with NUL, as keepalived does. */
export function authBytes(password: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(AUTH_LENGTH);
  bytes.set(password.subarray(0, AUTH_LENGTH));
  return bytes;
}

/** Version 2 has no pseudo-header (RFC 3768 §5.3.9). */
function checksum(message: Uint8Array, version: number, source: IpAddress, destination: IpAddress): number {
  if (version !== 3) return internetChecksum(message);
  return internetChecksum(pseudoHeader(source, destination, VRRP_PROTOCOL, message.length), message);
}
