/** Reads captured frames: priority 0, a new master's advertisements, gratuitous ARPs. Pure. */
import type { Frame } from '../lab/capture.ts';
import type { Moment } from './moment.ts';
import { LABELS, type Label, VIP } from './settings.ts';

/** How the hosts are told apart on the wire. */
export interface Station {
  readonly label: Label;
  readonly address: string;
  readonly mac: string;
}

/** ARPs of one burst lie closer together than this many ms; the second burst comes garp_master_delay later. */
const BURST = 1000;

/** What the wire shows from `from` on: of each host the first of each kind, with how many there were. */
export function wireMoments(frames: readonly Frame[], stations: readonly Station[], from: number): Moment[] {
  const seen = frames.filter(({ t }) => t >= from).map((frame) => ({ t: frame.t, ...read(frame.hex) }));
  return LABELS.flatMap((label) => {
    const station = stations.find((one) => one.label === label);
    if (station === undefined) return [];
    const { address, mac } = station;
    const adverts = seen.filter((frame) => frame.advertisement?.source === address);
    const resigned = adverts.filter((frame) => frame.advertisement?.priority === 0);
    const alive = adverts.filter((frame) => frame.advertisement?.priority !== 0);
    const arps = seen.filter((frame) => frame.gratuitous?.mac === mac && frame.gratuitous.address === VIP);
    const burst = arps.filter(({ t }) => t - (arps[0]?.t ?? t) < BURST);
    const moment = (kind: Moment['kind'], first: { t: number } | undefined, text: string): Moment[] =>
      first === undefined ? [] : [{ t: first.t, witness: 'wire', about: label, kind, text }];
    return [
      ...moment('resigns', resigned[0], `${label} advertises priority 0${times(resigned.length)}`),
      ...moment('advertises', alive[0], `${label} advertises priority ${alive[0]?.advertisement?.priority}`),
      ...moment('arp', burst[0], `${label} announces the VIP: ${burst.length} gratuitous ARPs`),
    ];
  });
}

const times = (count: number) => (count === 1 ? '' : count === 2 ? ', twice' : `, ${count} times`);

interface Meaning {
  readonly advertisement?: { readonly source: string; readonly priority: number };
  readonly gratuitous?: { readonly mac: string; readonly address: string };
}

const VRRP = 112;
const ETHERNET_HEADER = 14;

function read(hex: string): Meaning {
  const bytes = Buffer.from(hex, 'hex');
  const dotted = (at: number) => [...bytes.subarray(at, at + 4)].join('.');
  if (bytes.length < 42) return {};
  const etherType = bytes.readUInt16BE(12);
  if (etherType === 0x0800 && bytes[23] === VRRP) {
    // VRRP header behind the IP header (RFC 3768 §5.3): version and type, VRID, priority.
    const vrrp = ETHERNET_HEADER + (bytes[ETHERNET_HEADER]! & 0x0f) * 4;
    if (bytes[vrrp + 2] === undefined) return {};
    return { advertisement: { source: dotted(26), priority: bytes[vrrp + 2]! } };
  }
  // ARP: sender's MAC and address, then the target's; gratuitous when both addresses are the same (RFC 5227 §3).
  if (etherType === 0x0806 && dotted(28) === dotted(38)) {
    const mac = [...bytes.subarray(22, 28)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    return { gratuitous: { mac, address: dotted(28) } };
  }
  return {};
}
