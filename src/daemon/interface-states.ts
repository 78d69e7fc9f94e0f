/**
 * Whether each interface counts as up. Most changes count at once; keepalived's interface_up_down_delays lets a flapping
 * link settle first. The kernel's own view stays in links.ts.
 */
import type { InterfaceDelay } from '../config/config.ts';
import type { CheckState } from '../core/track.ts';
import type { Network } from '../io/network.ts';

export interface InterfaceStates {
  /** These are the delays from the next update on; what has settled stays so. */
  setDelays(delays: readonly InterfaceDelay[]): void;
  update(network: Network): void;
  /** `down` with the reason for an interface that is missing or down. */
  status(name: string): CheckState;
  close(): void;
}

/** What the kernel says, in the form of a check. */
interface Seen {
  readonly up: boolean;
  readonly detail: string;
}

/** Knows no delays yet. `onChange` is called when a delay has passed; a change without delay is the caller's own update. */
export function createInterfaceStates(onChange: () => void): InterfaceStates {
  let delays: readonly InterfaceDelay[] = [];
  let network: Network = new Map();
  const settled = new Map<string, Seen>();
  const settling = new Map<string, NodeJS.Timeout>();

  const look = (name: string): Seen => {
    const found = network.get(name);
    if (found === undefined) return { up: false, detail: `there is no interface ${name}` };
    return found.up ? { up: true, detail: '' } : { up: false, detail: `${name} is down` };
  };

  const stopSettling = (name: string): void => {
    clearTimeout(settling.get(name));
    settling.delete(name);
  };

  return {
    setDelays(next) {
      for (const { interface: name } of delays) {
        if (next.some((delay) => delay.interface === name)) continue;
        stopSettling(name);
        settled.delete(name);
      }
      delays = next;
    },
    update(next) {
      network = next;
      for (const { interface: name, up, down } of delays) {
        const before = settled.get(name);
        const seen = look(name);
        if (before === undefined || before.up === seen.up) {
          stopSettling(name);
          settled.set(name, seen);
        } else if (!settling.has(name)) {
          const settle = (): void => {
            settling.delete(name);
            settled.set(name, look(name));
            onChange();
          };
          settling.set(name, setTimeout(settle, seen.up ? up : down));
        }
      }
    },
    status(name) {
      const { up, detail } = settled.get(name) ?? look(name);
      return { status: up ? 'up' : 'down', streak: 0, detail };
    },
    close() {
      for (const timer of settling.values()) clearTimeout(timer);
    },
  };
}
