/**
 * The raw IPv6 socket of VRRP and its options; see ipv6(7) and RFC 3542. The checksum is ours in both directions: the
 * kernel would drop a wrong one (IPV6_CHECKSUM) where nobody could count it.
 */
import type { Socket } from 'raw-socket';
import { addressBytes } from '../core/ip-address.ts';
import { VRRP_GROUP_IPV6, VRRP_PROTOCOL, VRRP_TTL } from '../core/vrrp/packet.ts';
import type { Ipv6 } from '../core/vrrp/parameters.ts';
import { BatchSocket } from './batch-socket.ts';
import { AF_INET6, bindSocket } from './libc.ts';
import { receiveIpv6Datagram } from './receive-datagram.ts';
import type { VrrpSocketOptions } from './vrrp-socket.ts';

const SOL_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_ADD_MEMBERSHIP = 20;
const IPV6_MULTICAST_ALL = 29;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_TCLASS = 67;
/** Internetwork control, as keepalived marks its advertisements. */
const TCLASS_INTERNETWORK_CONTROL = 0xc0;

/** Opens the socket; throws without CAP_NET_RAW. */
export function createIpv6Socket(): BatchSocket<Uint8Array> {
  return new BatchSocket(6, VRRP_PROTOCOL, (fd) => receiveIpv6Datagram(fd, VRRP_PROTOCOL));
}

/** Sets all but the device; throws when the kernel refuses. */
export function configureIpv6(socket: Socket, fd: number, options: VrrpSocketOptions): void {
  const { localAddress, interfaceIndex, unicast } = options;
  socket.setOption(SOL_IPV6, IPV6_RECVPKTINFO, 1);
  socket.setOption(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
  socket.setOption(SOL_IPV6, IPV6_TCLASS, TCLASS_INTERNETWORK_CONTROL);
  // RFC 9568 §5.1.2.3. keepalived leaves the kernel's 64 in its unicast advertisements; it checks none on receipt.
  socket.setOption(SOL_IPV6, IPV6_UNICAST_HOPS, VRRP_TTL);
  socket.setOption(SOL_IPV6, IPV6_MULTICAST_ALL, 0);
  // Also for multicast: else the kernel might choose a virtual address as the source. A bound socket hears its groups.
  bindSocket(fd, ipv6SocketAddress(localAddress, interfaceIndex));
  if (unicast) return;
  socket.setOption(SOL_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL);
  socket.setOption(SOL_IPV6, IPV6_MULTICAST_LOOP, 0);
  socket.setOption(SOL_IPV6, IPV6_MULTICAST_IF, interfaceIndex);
  if (options.sendOnly) return;
  const group = multicastRequest(VRRP_GROUP_IPV6, interfaceIndex);
  socket.setOption(SOL_IPV6, IPV6_ADD_MEMBERSHIP, group, group.length);
}

/** `struct ipv6_mreq` of RFC 3493 §5.2. */
function multicastRequest(group: Ipv6, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.set(addressBytes(group), 0);
  bytes.writeInt32LE(interfaceIndex, 16);
  return bytes;
}

/** `struct sockaddr_in6` of ipv6(7) with port 0; a link-local address needs its interface, the others ignore it. */
export function ipv6SocketAddress(address: Ipv6, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  bytes.set(addressBytes(address), 8);
  view.setUint32(24, interfaceIndex, true);
  return bytes;
}
