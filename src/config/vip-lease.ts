/** How long `vip_lease: auto` is. */
import type { Millis } from '../core/vrrp/parameters.ts';

/**
 * The whole seconds of 3 × advert_int − 0.4, at least 1. A peer waits at least 3 × advert_int before it takes over,
 * and the kernel takes an address away up to 0.4 s after its lease; leases are whole seconds. 1 s advert: 2 s.
 */
export function autoLease(advertisementInterval: Millis): Millis {
  return Math.max(1, Math.floor((3 * advertisementInterval - 400) / 1000)) * 1000;
}
