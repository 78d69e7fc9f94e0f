/** The raw IPv4 socket of VRRP and its options; see ip(7). */
import type { Socket } from 'raw-socket';
import { addressBytes } from '../core/ip-address.ts';
import { VRRP_GROUP, VRRP_PROTOCOL, VRRP_TTL } from '../core/vrrp/packet.ts';
import type { Ipv4 } from '../core/vrrp/parameters.ts';
import { BatchSocket } from './batch-socket.ts';
import { AF_INET, bindSocket } from './libc.ts';
import { receiveIpv4Datagram } from './receive-datagram.ts';
import type { VrrpSocketOptions } from './vrrp-socket.ts';

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

/** Opens the socket; throws without CAP_NET_RAW. */
export function createIpv4Socket(): BatchSocket<Uint8Array> {
  return new BatchSocket(4, VRRP_PROTOCOL, receiveIpv4Datagram);
}

/** Sets all but the device; throws when the kernel refuses. */
export function configureIpv4(socket: Socket, fd: number, options: VrrpSocketOptions): void {
  socket.setOption(SOL_IP, IP_TOS, TOS_INTERNETWORK_CONTROL);
  socket.setOption(SOL_IP, IP_TTL, VRRP_TTL);
  // keepalived's datagrams carry no DF bit.
  socket.setOption(SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  socket.setOption(SOL_IP, IP_MULTICAST_ALL, 0);
  if (options.unicast) {
    bindSocket(fd, ipv4SocketAddress(options.localAddress));
    return;
  }
  socket.setOption(SOL_IP, IP_MULTICAST_TTL, VRRP_TTL);
  socket.setOption(SOL_IP, IP_MULTICAST_LOOP, 0);
  const from = multicastRequest('0.0.0.0', options.localAddress, options.interfaceIndex);
  socket.setOption(SOL_IP, IP_MULTICAST_IF, from, from.length);
  if (options.sendOnly) return;
  const group = multicastRequest(VRRP_GROUP, options.localAddress, options.interfaceIndex);
  socket.setOption(SOL_IP, IP_ADD_MEMBERSHIP, group, group.length);
}

/** `struct ip_mreqn` of ip(7). For IP_MULTICAST_IF its address becomes the source address. */
function multicastRequest(group: Ipv4, local: Ipv4, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.set(addressBytes(group), 0);
  bytes.set(addressBytes(local), 4);
  bytes.writeInt32LE(interfaceIndex, 8);
  return bytes;
}

/** `struct sockaddr_in` of ip(7) with port 0. */
export function ipv4SocketAddress(address: Ipv4): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, AF_INET, true);
  bytes.set(addressBytes(address), 4);
  return bytes;
}
