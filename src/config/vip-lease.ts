/** How long `vip_lease: auto` is. */
import type { Millis } from '../core/vrrp/parameters.ts';

/**
 * The whole seconds of down_timer_adverts × advert_int − 0.4, at least 1. A peer waits at least that many adverts before
 * it takes over, and the kernel takes an address away up to 0.4 s after its lease; leases are whole seconds. Three
 * adverts of 1 s: 2 s.
 */
export function autoLease(advertisementInterval: Millis, downTimerAdverts: number): Millis {
  return Math.max(1, Math.floor((downTimerAdverts * advertisementInterval - 400) / 1000)) * 1000;
}
