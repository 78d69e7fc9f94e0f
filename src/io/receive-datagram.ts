/**
 * Receives datagrams from a raw socket, and frames from a packet socket, each as the caller's own copy. The kernel hands out an IPv6 payload without its
 * header, and tells what the receive checks need of it (destination, hop limit) as ancillary data alone. The header is
 * built anew from them, so that a datagram looks to its judges as it did on the wire (its flow label is not told).
 */
import koffi from 'koffi';
import { EAGAIN, EINTR, receiveMessage } from './libc.ts';

const IPPROTO_IPV6 = 41;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

const IPV6_HEADER = 40;
/** A message with 255 IPv6 addresses, rounded up. */
const PAYLOAD = 8192;

/** Offsets in one block of memory that stays where it is: what `struct msghdr` of recvmsg(2) points to, and itself. */
const IOVEC = 64;
const NAME = 96;
const NAME_LENGTH = 28; // struct sockaddr_in6, the longest
const CONTROL = 128;
const CONTROL_LENGTH = 256;
const DATA = 512;

const memory = koffi.alloc('uint8_t', DATA + PAYLOAD);
const block = Buffer.from(koffi.view(memory, DATA + PAYLOAD));

/**
 * The next IPv4 datagram, header and all; null when none waits. One longer than 8 kB is cut, and no longer as long as
 * its header says. Throws SystemCallError.
 */
export function receiveIpv4Datagram(fd: number): Uint8Array | null {
  prepareHeader();
  const length = receiveMessage(fd, memory, MSG_DONTWAIT, [EAGAIN, EINTR]);
  return length === null ? null : Uint8Array.prototype.slice.call(block, DATA, DATA + length);
}

/**
 * The next IPv6 datagram, as carried by `protocol`; null when none waits. IPV6_RECVPKTINFO and IPV6_RECVHOPLIMIT must be
 * on. Throws SystemCallError.
 */
export function receiveIpv6Datagram(fd: number, protocol: number): Uint8Array | null {
  prepareHeader();
  const length = receiveMessage(fd, memory, MSG_DONTWAIT, [EAGAIN, EINTR]);
  if (length === null) return null;
  const ancillary = readAncillary(Number(block.readBigUInt64LE(40)));
  const datagram = new Uint8Array(IPV6_HEADER + length);
  datagram[0] = 0x60;
  // A payload that did not fit is longer than it says, and is refused for its length.
  const told = (block.readInt32LE(48) & MSG_TRUNC) !== 0 ? 0xffff : length;
  datagram.set([told >> 8, told & 0xff, protocol, ancillary.hopLimit], 4);
  datagram.set(block.subarray(NAME + 8, NAME + 24), 8);
  datagram.set(ancillary.destination, 24);
  datagram.set(block.subarray(DATA, DATA + length), IPV6_HEADER);
  return datagram;
}

/** A frame as a packet socket hands it out, and the index of the interface that it came in on. */
export interface ReceivedFrame {
  readonly interfaceIndex: number;
  readonly frame: Uint8Array;
}

/** The next frame; null when none waits. Throws SystemCallError. */
export function receiveFrame(fd: number): ReceivedFrame | null {
  prepareHeader();
  const length = receiveMessage(fd, memory, MSG_DONTWAIT, [EAGAIN, EINTR]);
  if (length === null) return null;
  // `struct sockaddr_ll` of packet(7).
  const interfaceIndex = block.readInt32LE(NAME + 4);
  return { interfaceIndex, frame: Uint8Array.prototype.slice.call(block, DATA, DATA + length) };
}

/** `struct msghdr` and its `struct iovec` on a 64-bit machine; recvmsg overwrites the lengths. */
function prepareHeader(): void {
  const base = koffi.address(memory);
  const at = (offset: number): bigint => base + BigInt(offset);
  block.writeBigUInt64LE(at(NAME), 0);
  block.writeBigUInt64LE(BigInt(NAME_LENGTH), 8);
  block.writeBigUInt64LE(at(IOVEC), 16);
  block.writeBigUInt64LE(1n, 24);
  block.writeBigUInt64LE(at(CONTROL), 32);
  block.writeBigUInt64LE(BigInt(CONTROL_LENGTH), 40);
  block.writeBigUInt64LE(0n, 48);
  block.writeBigUInt64LE(at(DATA), IOVEC);
  block.writeBigUInt64LE(BigInt(PAYLOAD), IOVEC + 8);
}

/** Walks the `struct cmsghdr`s of cmsg(3). What is missing stays zero, which no check lets through. */
function readAncillary(length: number): { destination: Uint8Array; hopLimit: number } {
  let destination: Uint8Array = new Uint8Array(16);
  let hopLimit = 0;
  for (let at = CONTROL; at + 16 <= CONTROL + length; ) {
    const size = Number(block.readBigUInt64LE(at));
    if (size < 16) break;
    if (block.readInt32LE(at + 8) === IPPROTO_IPV6) {
      const type = block.readInt32LE(at + 12);
      if (type === IPV6_PKTINFO) destination = block.subarray(at + 16, at + 32);
      if (type === IPV6_HOPLIMIT) hopLimit = block.readInt32LE(at + 16);
    }
    at += Math.ceil(size / 8) * 8;
  }
  return { destination, hopLimit };
}
