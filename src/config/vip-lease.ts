/** How long `vip_lease: auto` is. */
import { familyOf } from '../core/ip-address.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';

/**
 * The whole seconds of down_timer_adverts × advert_int − 0.4 (with an IPv6 address − 1), at least 1. A peer waits at
 * least that many adverts before it takes over, and the kernel takes an address away up to so long after its lease:
 * Linux looks at IPv6 addresses no oftener than once a second. Leases are whole seconds. Three adverts of 1 s: 2 s.
 */
export function autoLease(
  advertisementInterval: Millis,
  downTimerAdverts: number,
  addresses: readonly IpAddress[],
): Millis {
  const late = addresses.some((address) => familyOf(address) === 6) ? 1000 : 400;
  return Math.max(1, Math.floor((downTimerAdverts * advertisementInterval - late) / 1000)) * 1000;
}
