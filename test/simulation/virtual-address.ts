/** The virtual address on one host's interface, as the kernel keeps it: with a lease, and beyond the daemon's death. */
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './virtual-clock.ts';

/** How late the kernel may take away an address whose lease is over, in ms; never early. */
export const EXPIRY_LATENESS: Millis = 370;

export interface VirtualAddress {
  readonly held: boolean;
  /** Since when it is there without a break; meaningless while it is not held. */
  readonly heldSince: Millis;
  /** When it was put on or renewed last. */
  readonly renewedAt: Millis;
  put(lease: Millis | null): void;
  /** Taken away by the daemon or by an operator. */
  remove(): void;
}

/** `onChange` is what `ip monitor` tells: put on, renewed, taken away, expired. */
export function createVirtualAddress(
  scheduler: Scheduler,
  prng: Prng,
  onChange: (what: 'put' | 'renewed' | 'removed' | 'expired') => void,
): VirtualAddress {
  let held = false;
  let heldSince = 0;
  let renewedAt = 0;
  let cancelExpiry = (): void => {};

  const vanish = (how: 'removed' | 'expired'): void => {
    cancelExpiry();
    if (!held) return;
    held = false;
    onChange(how);
  };

  return {
    get held() {
      return held;
    },
    get heldSince() {
      return heldSince;
    },
    get renewedAt() {
      return renewedAt;
    },
    put(lease) {
      cancelExpiry();
      const what = held ? 'renewed' : 'put';
      if (!held) heldSince = scheduler.now;
      held = true;
      renewedAt = scheduler.now;
      if (lease !== null) {
        const over = scheduler.now + lease + prng.between(0, EXPIRY_LATENESS);
        cancelExpiry = scheduler.at(over, () => vanish('expired'));
      }
      onChange(what);
    },
    remove: () => vanish('removed'),
  };
}
