/**
 * A TCP socket that is bound before its address is on this host, and listens when it is told to: clients that connect
 * are queued by the kernel until the program that inherited its descriptor takes them. Takes nobody itself.
 */
import { isIP } from 'node:net';
import { addressBytes } from '../core/ip-address.ts';
import {
  AF_INET,
  AF_INET6,
  bindSocket,
  closeDescriptor,
  listenOn,
  openSocket,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  setSocketOption,
  stopListening,
} from './libc.ts';

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const IPPROTO_IPV6 = 41;
const IPV6_FREEBIND = 78;
const ON = new Uint8Array(Int32Array.of(1).buffer);

const BACKLOG = 1024;

export interface ListeningSocket {
  /** For programs to inherit. */
  readonly descriptor: number;
  /** Clients may connect from now on; throws SystemCallError. */
  open(): void;
  /** Clients are refused from now on, and those that nobody has taken are sent away. It can be opened again. */
  shut(): void;
  /** What inherited it keeps it. */
  close(): void;
}

/**
 * Bound, not yet listening; null: the host is no address but a name. Another one of ours may be bound to the same: a
 * changed configuration's is made before the old one's is gone. Throws SystemCallError (EADDRINUSE).
 */
export function bindListeningSocket(host: string, port: number): ListeningSocket | null {
  const family = isIP(host);
  if (family === 0) return null;
  const descriptor = openSocket(
    family === 4 ? AF_INET : AF_INET6,
    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
    0,
  );
  try {
    setSocketOption(descriptor, SOL_SOCKET, SO_REUSEADDR, ON);
    setSocketOption(descriptor, SOL_SOCKET, SO_REUSEPORT, ON);
    if (family === 4) setSocketOption(descriptor, IPPROTO_IP, IP_FREEBIND, ON);
    else setSocketOption(descriptor, IPPROTO_IPV6, IPV6_FREEBIND, ON);
    bindSocket(descriptor, socketAddress(host, port, family === 4));
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
  let closed = false;
  let isOpen = false;
  return {
    descriptor,
    open() {
      if (closed || isOpen) return;
      listenOn(descriptor, BACKLOG);
      isOpen = true;
    },
    shut() {
      if (closed || !isOpen) return;
      isOpen = false;
      stopListening(descriptor);
    },
    close() {
      if (closed) return;
      closed = true;
      closeDescriptor(descriptor);
    },
  };
}

/** `struct sockaddr_in` of ip(7), or `sockaddr_in6` of ipv6(7). */
function socketAddress(host: string, port: number, isIpv4: boolean): Uint8Array {
  const bytes = new Uint8Array(isIpv4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isIpv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(addressBytes(host), isIpv4 ? 4 : 8);
  return bytes;
}
