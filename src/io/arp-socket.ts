/**
 * One packet socket for all gratuitous ARP and unsolicited neighbour advertisements. It is kept open: closing a packet socket takes 10 ms and more, and a
 * frame on an open one is on the wire in a tenth of a millisecond.
 */
import { AF_PACKET, closeDescriptor, openSocket, SOCK_CLOEXEC, SOCK_RAW, sendTo } from './libc.ts';

const MAC_LENGTH = 6;
/** Where the EtherType stands in a frame. */
const ETHERTYPE = 12;

/** Sends whole Ethernet frames. */
export interface ArpSocket {
  /** Puts a frame on the wire of the interface with this index; throws SystemCallError. */
  send(interfaceIndex: number, frame: Uint8Array): void;
  close(): void;
}

/** Opens the socket; throws SystemCallError (EPERM without CAP_NET_RAW). Protocol 0: it never receives. */
export function openArpSocket(): ArpSocket {
  const fd = openSocket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  return {
    send: (interfaceIndex, frame) => sendTo(fd, frame, linkLayerAddress(interfaceIndex, frame)),
    close: () => closeDescriptor(fd),
  };
}

/** `struct sockaddr_ll` of packet(7) for this frame, in host byte order but for the protocol. */
function linkLayerAddress(interfaceIndex: number, frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  bytes.set(frame.subarray(ETHERTYPE, ETHERTYPE + 2), 2);
  view.setInt32(4, interfaceIndex, true);
  view.setUint8(11, MAC_LENGTH);
  bytes.set(frame.subarray(0, MAC_LENGTH), 12);
  return bytes;
}
