/**
 * What keepalived 2.2.7 (Debian 12) put on the wire, captured with tcpdump between two network namespaces: whole IPv4
 * datagrams, each with the configuration that made it. The host was 10.9.0.3, MAC 02:00:0a:09:00:03, and alone.
 */
import type { VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import { bytes, text } from '../bytes.ts';
import { router } from './table.ts';

export interface Capture {
  readonly title: string;
  readonly params: VrrpParameters;
  readonly priority: number;
  readonly source: string;
  readonly destination: string;
  readonly datagram: Uint8Array;
}

/** virtual_router_id 110, priority 150, advert_int 1, auth_type PASS, auth_pass flaginfo, VIP 10.9.0.5 */
const V2_PASS = router({
  virtualRouterId: 110,
  priority: 150,
  addresses: ['10.9.0.5'],
  authPass: text('flaginfo'),
});

/** virtual_router_id 1, priority 200, advert_int 1, no authentication, VIPs 10.9.0.5 and 10.9.0.6 */
const V2_PLAIN = router({
  virtualRouterId: 1,
  priority: 200,
  addresses: ['10.9.0.5', '10.9.0.6'],
});

/** version 3, virtual_router_id 51, priority 100, advert_int 1, VIP 10.9.0.5 */
const V3_MULTICAST = router({
  version: 3,
  virtualRouterId: 51,
  priority: 100,
  addresses: ['10.9.0.5'],
});

/** version 3, virtual_router_id 52, priority 254, advert_int 0.25, unicast_peer 10.9.0.4, three VIPs */
const V3_UNICAST = router({
  version: 3,
  virtualRouterId: 52,
  priority: 254,
  advertisementInterval: 250,
  unicastPeers: ['10.9.0.4'],
  addresses: ['10.9.0.5', '10.9.0.6', '192.168.100.250'],
});

/** virtual_router_id 61, priority 100, advert_int 1, VIPs fe80::250 and fd00:9::250 */
const V3_IPV6 = router({
  version: 3,
  virtualRouterId: 61,
  priority: 100,
  addresses: ['fe80::250', 'fd00:9::250'],
});

/** virtual_router_id 62, priority 120, advert_int 0.5, unicast_peer fd00:9::2, VIP fd00:9::251 */
const V3_IPV6_UNICAST = router({
  version: 3,
  virtualRouterId: 62,
  priority: 120,
  advertisementInterval: 500,
  unicastPeers: ['fd00:9::2'],
  addresses: ['fd00:9::251'],
});

export const CAPTURES: readonly Capture[] = [
  {
    title: 'v2, PASS, multicast',
    params: V2_PASS,
    priority: 150,
    source: '10.9.0.3',
    destination: '224.0.0.18',
    datagram: bytes(`45c0 0028 0001 0000 ff70 d086 0a09 0003 e000 0012
      216e 9601 0101 a5cf  0a09 0005  666c 6167 696e 666f`),
  },
  {
    title: 'v2, PASS, multicast, on SIGTERM',
    params: V2_PASS,
    priority: 0,
    source: '10.9.0.3',
    destination: '224.0.0.18',
    datagram: bytes(`45c0 0028 0004 0000 ff70 d083 0a09 0003 e000 0012
      216e 0001 0101 3bd0  0a09 0005  666c 6167 696e 666f`),
  },
  {
    title: 'v2, no authentication, two VIPs',
    params: V2_PLAIN,
    priority: 200,
    source: '10.9.0.3',
    destination: '224.0.0.18',
    datagram: bytes(`45c0 002c 0001 0000 ff70 d082 0a09 0003 e000 0012
      2101 c802 0001 02de  0a09 0005 0a09 0006  0000 0000 0000 0000`),
  },
  {
    title: 'v3, multicast',
    params: V3_MULTICAST,
    priority: 100,
    source: '10.9.0.3',
    destination: '224.0.0.18',
    datagram: bytes(`45c0 0020 0001 0000 ff70 d08e 0a09 0003 e000 0012
      3133 6401 0064 75be  0a09 0005`),
  },
  {
    title: 'v3, multicast, on SIGTERM',
    params: V3_MULTICAST,
    priority: 0,
    source: '10.9.0.3',
    destination: '224.0.0.18',
    datagram: bytes(`45c0 0020 0004 0000 ff70 d08b 0a09 0003 e000 0012
      3133 0001 0064 d9be  0a09 0005`),
  },
  {
    title: 'v3, unicast, every 0.25 s, three VIPs',
    params: V3_UNICAST,
    priority: 254,
    source: '10.9.0.3',
    destination: '10.9.0.4',
    datagram: bytes(`45c0 0028 0001 0000 ff70 a68c 0a09 0003 0a09 0004
      3134 fe03 0019 8251  0a09 0005 0a09 0006 c0a8 64fa`),
  },
  {
    title: 'v3, IPv6 multicast, link-local VIP first (2.2.7)',
    params: V3_IPV6,
    priority: 100,
    source: 'fe80::1',
    destination: 'ff02::12',
    datagram: bytes(`6c02 0f6b 0028 70ff fe80 0000 0000 0000 0000 0000 0000 0001
      ff02 0000 0000 0000 0000 0000 0000 0012
      313d 6402 0064 6c02  fe80 0000 0000 0000 0000 0000 0000 0250
      fd00 0009 0000 0000 0000 0000 0000 0250`),
  },
  {
    title: 'v3, IPv6 unicast, every 0.5 s, hop limit 64 (2.2.7)',
    params: V3_IPV6_UNICAST,
    priority: 120,
    source: 'fd00:9::1',
    destination: 'fd00:9::2',
    datagram: bytes(`6c01 c071 0018 7040 fd00 0009 0000 0000 0000 0000 0000 0001
      fd00 0009 0000 0000 0000 0000 0000 0002
      313e 7801 0032 5c94  fd00 0009 0000 0000 0000 0000 0000 0251`),
  },
];
