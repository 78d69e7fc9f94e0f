/**
 * Hears who claims one of the virtual addresses by ARP or by a neighbour advertisement, on any interface. A packet
 * socket for each, with a filter in the kernel: this process wakes for nothing else. What a claim means is decided
 * elsewhere; our own are heard too when the network brings them back.
 */
import koffi from 'koffi';
import { type Claim, readArpClaim } from '../core/arp-packet.ts';
import { arpClaimFilter, type Instruction, neighbourClaimFilter } from '../core/claim-filter.ts';
import { familyOf } from '../core/ip-address.ts';
import { readNeighbourClaim } from '../core/neighbour-advertisement.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { BatchSocket } from './batch-socket.ts';
import {
  AF_PACKET,
  bindSocket,
  closeDescriptor,
  duplicateOnto,
  openSocket,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  setSocketOption,
} from './libc.ts';
import { type ReceivedFrame, receiveFrame } from './receive-datagram.ts';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** Sends only: it receives nothing in the moment before the packet socket takes its place. */
const IPPROTO_RAW = 255;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;

export interface ClaimWatchOptions {
  /** On which interface, by its index, who claims which of the addresses. */
  readonly onClaim: (interfaceIndex: number, claim: Claim) => void;
  /** One kind of claims, or none, is heard from now on. */
  readonly onError: (error: Error) => void;
}

export interface ClaimWatch {
  /** Watches these addresses and no others from now on. */
  watch(addresses: readonly IpAddress[]): void;
  close(): void;
}

/** Watches nothing yet. */
export function createClaimWatch({ onClaim, onError }: ClaimWatchOptions): ClaimWatch {
  let watched: ReadonlySet<IpAddress> = new Set();
  const listener = (etherType: number, read: (frame: Uint8Array) => Claim | null) => {
    let socket: BatchSocket<ReceivedFrame> | null = null;
    const close = (): void => {
      socket?.close();
      socket = null;
    };
    return {
      close,
      listen(program: readonly Instruction[]): void {
        if (socket !== null) return attachFilter(socket.descriptor, program);
        const opened = openPacketSocket(etherType, program);
        socket = opened;
        opened.on('message', ({ interfaceIndex, frame }: ReceivedFrame) => {
          const claim = read(frame);
          if (claim === null || !watched.has(claim.address)) return;
          // A throw here would come back as a socket error and close the socket.
          queueMicrotask(() => {
            if (socket === opened) onClaim(interfaceIndex, claim);
          });
        });
        opened.on('error', (error: Error) => {
          if (socket === opened) socket = null;
          onError(error);
        });
      },
    };
  };
  const arp = listener(ETH_P_ARP, readArpClaim);
  const neighbours = listener(ETH_P_IPV6, readNeighbourClaim);

  return {
    watch(addresses) {
      watched = new Set(addresses);
      const ipv4 = addresses.filter((address) => familyOf(address) === 4);
      const ipv6 = addresses.filter((address) => familyOf(address) === 6);
      try {
        if (ipv4.length > 0) arp.listen(arpClaimFilter(ipv4));
        else arp.close();
        // Without IPv6 addresses no packet of the busier protocol is to pass a filter.
        if (ipv6.length > 0) neighbours.listen(neighbourClaimFilter(ipv6));
        else neighbours.close();
      } catch (error) {
        onError(error as Error);
      }
    },
    close() {
      arp.close();
      neighbours.close();
    },
  };
}

/**
 * A packet socket that the event loop polls. Node polls no descriptor of ours but through raw-socket: so that one opens
 * a socket of its own, and the packet socket takes the place of it before the event loop has seen it.
 */
function openPacketSocket(etherType: number, program: readonly Instruction[]): BatchSocket<ReceivedFrame> {
  const socket = new BatchSocket(4, IPPROTO_RAW, receiveFrame);
  try {
    // Protocol 0: it receives nothing before the filter is there.
    const packets = openSocket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    try {
      attachFilter(packets, program);
      bindSocket(packets, anyInterface(etherType));
      duplicateOnto(packets, socket.descriptor);
    } finally {
      closeDescriptor(packets);
    }
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** `struct sockaddr_ll` of packet(7) for frames of this EtherType on all interfaces. */
function anyInterface(etherType: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  return bytes;
}

/** SO_ATTACH_FILTER with a `struct sock_fprog` on a 64-bit machine; the kernel copies the program. */
function attachFilter(fd: number, program: readonly Instruction[]): void {
  const length = program.length * 8;
  const memory = koffi.alloc('uint8_t', length);
  try {
    const block = Buffer.from(koffi.view(memory, length));
    program.forEach(([code, whenTrue, whenFalse, operand], index) => {
      block.writeUInt16LE(code, index * 8);
      block.writeUInt8(whenTrue, index * 8 + 2);
      block.writeUInt8(whenFalse, index * 8 + 3);
      block.writeUInt32LE(operand, index * 8 + 4);
    });
    const header = Buffer.alloc(16);
    header.writeUInt16LE(program.length, 0);
    header.writeBigUInt64LE(koffi.address(memory), 8);
    setSocketOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, header);
  } finally {
    koffi.free(memory);
  }
}
