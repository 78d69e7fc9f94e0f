/** What a checker may see and when it is asked. A checker throws a Violation, and changes nothing. */
import type { Millis } from '../../../src/core/vrrp/parameters.ts';
import type { Observation } from '../../../src/daemon/instance.ts';
import type { Host } from '../host.ts';
import type { Scenario } from '../scenario.ts';

export interface View {
  readonly scenario: Scenario;
  readonly hosts: readonly Host[];
  /** Virtual time of the start; the scenario's times count from it. */
  readonly origin: Millis;
  readonly now: Millis;
  /** Nothing that is sent now gets lost on its way. */
  readonly networkClean: boolean;
  /** Whose hardware address the clients and the switch have for the virtual address. */
  readonly believed: Host | null;
  /** Looks again at `time`. */
  at(time: Millis, action: () => void): void;
}

export interface Checker {
  /** After each step of an instance; its effects have been asked for. */
  observed?(host: Host, observation: Observation): void;
  sent?(host: Host, priority: number): void;
  announced?(host: Host): void;
  addressChanged?(host: Host, what: 'put' | 'renewed' | 'removed' | 'expired'): void;
  failed?(host: Host): void;
  disturbed?(host: Host, what: string): void;
  /** After each happening. */
  changed?(): void;
}

/** Holds the address by right: it is MASTER, or hands over and waits for the new one. */
export function entitled(host: Host): boolean {
  const state = host.daemon?.instance.state;
  if (state === undefined || host.power !== 'running') return false;
  return state.name === 'MASTER' || ('handover' in state && state.handover !== null);
}

/** A MASTER that everybody can hear. */
export function speaks(host: Host): boolean {
  return host.power === 'running' && host.linkUp && host.daemon?.instance.state.name === 'MASTER';
}

/** A BACKUP that nothing keeps from taking over. */
export function standsBy(host: Host): boolean {
  const instance = host.daemon?.instance;
  if (instance === undefined || host.power !== 'running' || !host.linkUp) return false;
  return instance.state.name === 'BACKUP' && instance.readiness.candidate && host.memcachedUp;
}
