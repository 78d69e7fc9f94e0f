/** The hosts of a drill: this one and its peers, what each said last of itself, and which instance is the same. Pure. */
import type { InstanceStatus, Status } from '../daemon/status.ts';

/** `here`, `peer`, or with several of them `peer 2`. */
export type HostLabel = string;

export const HERE: HostLabel = 'here';

/** What one question to a host's daemon brought. */
export interface Sight {
  readonly label: HostLabel;
  /** When it was asked and when the answer was here, in ms on CLOCK_MONOTONIC. */
  readonly asked: number;
  readonly answered: number;
  /** Null: no answer. */
  readonly status: Status | null;
  /** Why there is none, for people. */
  readonly detail: string;
}

/** The label of the peer at this place in the list of all. */
export function peerLabel(index: number, count: number): HostLabel {
  return count === 1 ? 'peer' : `peer ${index + 1}`;
}

/** The same virtual router on another host: the same VRID and a virtual address in common. */
export function counterpart(own: InstanceStatus, status: Status | null): InstanceStatus | null {
  const addresses = new Set(own.virtual_addresses.map(({ address }) => address));
  const isSame = (other: InstanceStatus) =>
    other.virtual_router_id === own.virtual_router_id &&
    other.virtual_addresses.some(({ address }) => addresses.has(address));
  return status?.instances.find(isSame) ?? null;
}

/** The instance by its name; null: there is none, or the host has not answered. */
export function instanceNamed(status: Status | null, name: string): InstanceStatus | null {
  return status?.instances.find((instance) => instance.name === name) ?? null;
}
