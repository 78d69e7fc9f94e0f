/** Defends the addresses of one instance against other claimants; core/address-defence.ts says when. */
import { claimed, type Defence, judge, nextJudgement, UNDISPUTED } from '../core/address-defence.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';
import type { Clock } from '../io/clock.ts';

export interface DefencePorts {
  readonly clock: Clock;
  /** When this host became MASTER; null: it is not. */
  readonly masterSince: () => Millis | null;
  /** One gratuitous ARP or unsolicited neighbour advertisement. */
  readonly announce: (address: IpAddress) => void;
  readonly onConflict: (address: IpAddress, mac: string, claims: number) => void;
}

export interface AddressDefence {
  /** Somebody else, at this hardware address, claims the address. */
  claimed(address: IpAddress, mac: Uint8Array): void;
}

export function createDefence(ports: DefencePorts): AddressDefence {
  const { clock, masterSince } = ports;
  const defences = new Map<IpAddress, { state: Defence; mac: Uint8Array; disarm: (() => void) | null }>();

  const rearm = (address: IpAddress): void => {
    const defence = defences.get(address)!;
    const next = nextJudgement(defence.state);
    defence.disarm = next === null ? null : clock.at(next, () => decide(address));
  };

  const decide = (address: IpAddress): void => {
    const defence = defences.get(address)!;
    const judgement = judge(defence.state, masterSince(), clock.now());
    defence.state = judgement.defence;
    rearm(address);
    if (judgement.conflicts > 0) ports.onConflict(address, macText(defence.mac), judgement.conflicts);
    if (judgement.defend) ports.announce(address);
  };

  return {
    claimed(address, mac) {
      const defence = defences.get(address) ?? { state: UNDISPUTED, mac, disarm: null };
      const before = nextJudgement(defence.state);
      defence.state = claimed(defence.state, masterSince(), clock.now());
      defence.mac = mac;
      defences.set(address, defence);
      if (nextJudgement(defence.state) === before) return;
      defence.disarm?.();
      rearm(address);
    },
  };
}

function macText(mac: Uint8Array): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
