/**
 * The kernel's part of watching the virtual addresses: classic BPF programs (packet(7), SO_ATTACH_FILTER) that let
 * through only what claims one of them, so that a busy network wakes nobody. Builds programs only.
 */
import { addressBytes } from './ip-address.ts';
import type { IpAddress } from './vrrp/parameters.ts';

/** One `struct sock_filter`: opcode, where to jump when true and when false, operand. */
export type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE_FRAME = 0xffff;

/** BPF_MAXINSNS. */
const LONGEST_PROGRAM = 4096;

/** Frames begin with the Ethernet header; RFC 826 for 14 and on. */
const ARP_TYPES = 14;
const ARP_LENGTHS = 18;
const ARP_SENDER_ADDRESS = 28;
/** RFC 8200 §3, RFC 4861 §4.4. */
const IPV6_NEXT_HEADER = 20;
const ICMPV6_TYPE = 54;
const TARGET_LAST_WORD = 74;

const load = (code: number, offset: number): Instruction => [code, 0, 0, offset];
const accept: Instruction = [RETURN, 0, 0, WHOLE_FRAME];
const refuse: Instruction = [RETURN, 0, 0, 0];
const require = (operand: number): Instruction[] => [[JUMP_IF_EQUAL, 1, 0, operand], refuse];

/** For ARP frames: lets through those of IPv4 over Ethernet whose sender address is one of these. */
export function arpClaimFilter(addresses: readonly IpAddress[]): Instruction[] {
  return [
    load(LOAD_WORD, ARP_TYPES),
    ...require(0x0001_0800),
    load(LOAD_HALF, ARP_LENGTHS),
    ...require(0x0604),
    ...acceptAddresses(ARP_SENDER_ADDRESS, addresses),
  ];
}

/**
 * For IPv6 frames: lets through neighbour advertisements whose target may be one of these. Only the last four bytes
 * are compared, so that 255 addresses make a short program.
 */
export function neighbourClaimFilter(addresses: readonly IpAddress[]): Instruction[] {
  return [
    load(LOAD_BYTE, IPV6_NEXT_HEADER),
    ...require(58),
    load(LOAD_BYTE, ICMPV6_TYPE),
    ...require(136),
    ...acceptAddresses(TARGET_LAST_WORD, addresses),
  ];
}

/** By the last four bytes of each; with more addresses than a program has room for, all of them. */
function acceptAddresses(offset: number, addresses: readonly IpAddress[]): Instruction[] {
  const words = new Set(addresses.map((address) => lastWord(addressBytes(address))));
  if (2 * words.size + 16 > LONGEST_PROGRAM) return [accept];
  const each = [...words].flatMap((word): Instruction[] => [[JUMP_IF_EQUAL, 0, 1, word], accept]);
  return [load(LOAD_WORD, offset), ...each, refuse];
}

function lastWord(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4);
}
