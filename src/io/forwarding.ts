/** Whether this host forwards IPv6 on an interface, which its neighbour advertisements tell (RFC 4861 §4.4, R). */
import { readFileSync } from 'node:fs';

/** True when it does; also asked for a single frame, so it is read at once. False without IPv6 or such an interface. */
export function forwardsIpv6(interfaceName: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${interfaceName}/forwarding`, 'latin1').trim() !== '0';
  } catch {
    return false;
  }
}
