/**
 * A raw socket for IP protocol 112 on one interface: sends VRRP messages, delivers received datagrams as copies.
 * Knows what both families need and the traps of raw-socket; each family's options are its own file's, and what the
 * messages say is nobody's here.
 */
import { familyOf } from '../core/ip-address.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { sendTo } from './libc.ts';
import { configureIpv4, createIpv4Socket, ipv4SocketAddress } from './vrrp-socket-ipv4.ts';
import { configureIpv6, createIpv6Socket, ipv6SocketAddress } from './vrrp-socket-ipv6.ts';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
/**
 * Bytes that may wait in the socket, in each direction. The kernel's default holds some 250 small datagrams, and a host that resigns from
 * 255 virtual routers sends twice as many in one go: a BACKUP that lost them would wait a Master_Down_Interval.
 */
const SOCKET_BUFFER = 2 * 1024 * 1024;

export interface VrrpSocketOptions {
  readonly interface: string;
  readonly interfaceIndex: number;
  /** Source of what is sent; the socket is of its family. */
  readonly localAddress: IpAddress;
  /** True: no multicast, only datagrams to `localAddress` are received. */
  readonly unicast: boolean;
  /** True: it joins no group, so that it hears nothing and no IGMP report goes out. */
  readonly sendOnly: boolean;
  /** A whole IP datagram, the receiver's own copy. */
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** One message could not be sent (the link is down); the socket stays open. */
  readonly onSendError: (error: Error) => void;
  /** Receiving failed and the socket is closed. */
  readonly onClosed: (error: Error) => void;
}

export interface VrrpSocket {
  /** Sends one message; a failure is told to `onSendError`. */
  send(message: Uint8Array, destination: IpAddress): void;
  close(): void;
}

/** Opens the socket; throws when the kernel refuses (without CAP_NET_RAW, or when the interface went away). */
export function openVrrpSocket(options: VrrpSocketOptions): VrrpSocket {
  const family = familyOf(options.localAddress);
  const socket = family === 4 ? createIpv4Socket() : createIpv6Socket();
  const fd = socket.descriptor;
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  try {
    const device = Buffer.from(`${options.interface}\0`);
    socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, device, device.length);
    socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
    socket.setOption(SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER);
    if (family === 4) configureIpv4(socket, fd, options);
    else configureIpv6(socket, fd, options);
  } catch (error) {
    close();
    throw error;
  }

  socket.on('message', (datagram: Uint8Array) => {
    // A throw here would come back as a socket error and close the socket.
    queueMicrotask(() => {
      if (open) options.onDatagram(datagram);
    });
  });
  socket.on('error', (error: Error) => {
    open = false;
    options.onClosed(error);
  });

  const addressOf = (destination: IpAddress): Uint8Array =>
    family === 4 ? ipv4SocketAddress(destination) : ipv6SocketAddress(destination, options.interfaceIndex);
  return {
    send(message, destination) {
      if (!open) return;
      // Not by raw-socket: it sends only in a turn of the event loop in which nothing is to be received.
      try {
        sendTo(fd, message, addressOf(destination));
      } catch (error) {
        options.onSendError(error as Error);
      }
    },
    close,
  };
}
