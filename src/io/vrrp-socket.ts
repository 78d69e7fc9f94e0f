/**
 * A raw socket for IP protocol 112 on one interface: sends VRRP messages, delivers received datagrams as copies.
 * Knows the socket's options and traps, nothing of what the messages say.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { createSocket } from 'raw-socket';
import { ipv4Bytes } from '../core/ipv4.ts';
import { VRRP_GROUP, VRRP_PROTOCOL, VRRP_TTL } from '../core/vrrp/packet.ts';
import type { Ipv4 } from '../core/vrrp/parameters.ts';
import { AF_INET, bindSocket, setCloseOnExec } from './libc.ts';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;
const SOL_IP = 0;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_MTU_DISCOVER = 10;
const IP_PMTUDISC_DONT = 0;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
/** Internetwork control, as keepalived marks its advertisements. */
const TOS_INTERNETWORK_CONTROL = 0xc0;
/** A v2 message with 255 addresses in an IP datagram with options, rounded up. */
const RECEIVE_BUFFER = 2048;
/**
 * Bytes that may wait in the socket. The kernel's default holds some 250 small datagrams, and a host that resigns from
 * 255 virtual routers sends twice as many in one go: a BACKUP that lost them would wait a Master_Down_Interval.
 */
const SOCKET_BUFFER = 2 * 1024 * 1024;

export interface VrrpSocketOptions {
  readonly interface: string;
  readonly interfaceIndex: number;
  /** Source of what is sent. */
  readonly localAddress: Ipv4;
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
  send(message: Uint8Array, destination: Ipv4): void;
  close(): void;
}

/** Opens the socket; throws when the kernel refuses (without CAP_NET_RAW, or when the interface went away). */
export function openVrrpSocket(options: VrrpSocketOptions): VrrpSocket {
  const before = socketDescriptors();
  const socket = createSocket({ protocol: VRRP_PROTOCOL, bufferSize: RECEIVE_BUFFER });
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  try {
    // raw-socket neither tells its descriptor nor closes it on exec: it is the socket that was not there before.
    const fd = socketDescriptors().find((candidate) => !before.includes(candidate));
    if (fd === undefined) throw new Error('raw-socket opened no descriptor');
    setCloseOnExec(fd);

    const device = Buffer.from(`${options.interface}\0`);
    socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, device, device.length);
    socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
    socket.setOption(SOL_IP, IP_TOS, TOS_INTERNETWORK_CONTROL);
    socket.setOption(SOL_IP, IP_TTL, VRRP_TTL);
    // keepalived's datagrams carry no DF bit.
    socket.setOption(SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    socket.setOption(SOL_IP, IP_MULTICAST_ALL, 0);
    if (options.unicast) {
      bindSocket(fd, socketAddress(options.localAddress));
    } else {
      socket.setOption(SOL_IP, IP_MULTICAST_TTL, VRRP_TTL);
      socket.setOption(SOL_IP, IP_MULTICAST_LOOP, 0);
      const from = multicastRequest('0.0.0.0', options.localAddress, options.interfaceIndex);
      socket.setOption(SOL_IP, IP_MULTICAST_IF, from, from.length);
      if (!options.sendOnly) {
        const group = multicastRequest(VRRP_GROUP, options.localAddress, options.interfaceIndex);
        socket.setOption(SOL_IP, IP_ADD_MEMBERSHIP, group, group.length);
      }
    }
  } catch (error) {
    close();
    throw error;
  }

  socket.on('message', (buffer: Buffer) => {
    // A throw here would come back as a socket error and close the socket.
    const datagram = Uint8Array.from(buffer);
    queueMicrotask(() => {
      if (open) options.onDatagram(datagram);
    });
  });
  socket.on('error', (error: Error) => {
    open = false;
    options.onClosed(error);
  });

  return {
    send(message, destination) {
      if (!open) return;
      const buffer = Buffer.from(message.buffer, message.byteOffset, message.length);
      socket.send(buffer, 0, buffer.length, destination, (error) => {
        if (error !== null && open) options.onSendError(error);
      });
    },
    close,
  };
}

/** `struct ip_mreqn` of ip(7). For IP_MULTICAST_IF its address becomes the source address. */
function multicastRequest(group: Ipv4, local: Ipv4, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.set(ipv4Bytes(group), 0);
  bytes.set(ipv4Bytes(local), 4);
  bytes.writeInt32LE(interfaceIndex, 8);
  return bytes;
}

/** `struct sockaddr_in` of ip(7) with port 0. */
function socketAddress(address: Ipv4): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, AF_INET, true);
  bytes.set(ipv4Bytes(address), 4);
  return bytes;
}

function socketDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
      } catch {
        return false; // the descriptor of the listing itself
      }
    });
}
