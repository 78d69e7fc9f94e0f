/**
 * What goes over the wire, byte for byte as keepalived sends it: the same instances on a host of the same addresses
 * in two labs side by side, one with keepalived and one with memcache-ha.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Frame, startCapture } from '../../src/lab/capture.ts';
import type { HeldAddress, Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { createLab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { craftFrame } from './support/crafted-advert.ts';
import { startDaemon } from './support/daemon.ts';
import {
  type InstanceSpec,
  keepalivedConf,
  memcacheHaConfig,
  type ScriptSpec,
  type Vip,
} from './support/instance-spec.ts';
import { sendFrames } from './support/send-frame.ts';

const unicast = (...peers: string[]) => ({ source: '10.9.0.101', peers });
const twenty = Array.from({ length: 20 }, (_, index) => `10.9.1.${20 - index}`);

/** Named by what is special about them. */
const INSTANCES: readonly InstanceSpec[] = [
  {
    name: 'PASS',
    vrid: 51,
    version: 2,
    priority: 100,
    interval: 1,
    password: '1111',
    vips: [{ address: '10.9.0.250/24', label: 'eth0:ha' }],
  },
  {
    name: 'LONG_PASSWORD',
    vrid: 110,
    version: 2,
    priority: 150,
    interval: 1,
    password: 'flaginfoOfMore',
    vips: ['10.9.0.5'],
  },
  {
    name: 'NO_AUTH_THREE_VIPS',
    vrid: 1,
    version: 2,
    priority: 254,
    interval: 1,
    vips: ['10.9.0.22', '10.9.0.20', '10.9.0.21'],
    keywords: { garp_master_delay: 1, garp_master_repeat: 3 },
  },
  {
    name: 'TWENTY_VIPS',
    vrid: 2,
    version: 2,
    priority: 200,
    interval: 1,
    vips: twenty,
    keywords: { garp_master_delay: 2 },
  },
  {
    name: 'NO_SECOND_BURST',
    vrid: 3,
    version: 3,
    priority: 1,
    interval: 0.5,
    vips: ['10.9.0.60'],
    keywords: { garp_master_delay: 0 },
  },
  {
    name: 'REFRESH',
    vrid: 4,
    version: 3,
    priority: 9,
    interval: 0.5,
    vips: ['10.9.0.61', '10.9.0.62'],
    keywords: { garp_master_delay: 0, garp_master_refresh: 2, garp_master_refresh_repeat: 2 },
  },
  { name: 'V3', vrid: 255, version: 3, priority: 200, interval: 0.5, vips: ['10.9.0.31', '10.9.0.30'] },
  // 260 centiseconds do not fit into the low octet of Max Adver Int.
  {
    name: 'V3_SLOW',
    vrid: 9,
    version: 3,
    priority: 254,
    interval: 2.6,
    vips: ['10.9.0.32'],
    keywords: { garp_master_delay: 3 },
  },
  {
    name: 'UNICAST',
    vrid: 7,
    version: 2,
    priority: 101,
    interval: 1,
    password: 'a b',
    ...unicast('10.9.0.102'),
    vips: ['10.9.0.40'],
  },
  {
    name: 'V3_UNICAST_TWO_PEERS',
    vrid: 8,
    version: 3,
    priority: 102,
    interval: 1,
    ...unicast('10.9.0.102', '10.9.0.10'),
    vips: ['10.9.0.41'],
  },
  {
    name: 'OWNER',
    vrid: 10,
    version: 2,
    state: 'MASTER',
    priority: 255,
    interval: 1,
    vips: ['10.9.0.70'],
    keywords: { garp_master_delay: 2 },
  },
  // Hears a lower advert while it is MASTER.
  {
    name: 'LOWER_HEARD',
    vrid: 11,
    version: 2,
    priority: 120,
    interval: 1,
    vips: ['10.9.0.71', '10.9.0.72'],
  },
  {
    name: 'LOWER_HEARD_KEYWORDS',
    vrid: 13,
    version: 2,
    priority: 120,
    interval: 1,
    vips: ['10.9.0.75', '10.9.0.74'],
    keywords: { garp_master_delay: 0, garp_lower_prio_delay: 2, garp_lower_prio_repeat: 3 },
  },
  {
    name: 'LOWER_HEARD_NO_ADVERT',
    vrid: 14,
    version: 2,
    priority: 120,
    interval: 1,
    vips: ['10.9.0.76'],
    keywords: { garp_master_delay: 0, garp_lower_prio_repeat: 0, lower_prio_no_advert: true },
  },
  // Hears one higher advert while it is MASTER, and is MASTER again when none follows.
  {
    name: 'HIGHER_HEARD_SEND_ADVERT',
    vrid: 15,
    version: 2,
    priority: 120,
    interval: 1,
    vips: ['10.9.0.77'],
    keywords: { garp_master_delay: 0, higher_prio_send_advert: true },
  },
  // Its script fails while it is MASTER.
  {
    name: 'SCRIPT_FAILS',
    vrid: 12,
    version: 3,
    priority: 120,
    interval: 0.5,
    vips: ['10.9.0.73'],
    keywords: { garp_master_delay: 2 },
    scripts: ['probe'],
  },
];

/** Gratuitous ARPs of one instance that went out together; `after` its first advertisement, in ms. */
interface Burst {
  readonly after: number;
  readonly frames: readonly string[];
}

/** What one instance sent. */
interface Sent {
  /** Each different advertisement once, in the order in which they first came. */
  readonly adverts: readonly string[];
  /** The time between advertisements most often and at least, in ms. */
  readonly spacing: number;
  readonly soonest: number;
  /** When it sent priority 0 to its first peer or the group, in ms after the first advertisement. */
  readonly resignations: readonly number[];
  readonly bursts: readonly Burst[];
}

interface Record {
  readonly sent: ReadonlyMap<string, Sent>;
  readonly addresses: readonly HeldAddress[];
  readonly complaints: readonly string[];
}

/** Gratuitous ARPs that are further apart than this are two bursts, in ms. */
const APART = 300;

/** What `speaker` sends from its start over its takeovers to its end. */
async function record(
  speaker: (host: Host, scripts: readonly ScriptSpec[]) => Promise<LabProcess>,
): Promise<Record> {
  const lab = await createLab({ prefix: 'mhabytes' });
  try {
    const { a, b } = lab.hosts;
    const capture = await startCapture(a, { filter: `ether src ${a.mac} and (arp or ip proto 112)` });
    const healthy = join(a.directory, 'healthy');
    writeFileSync(healthy, '');
    const script = ['/usr/bin/test', '-e', healthy];
    const running = await speaker(a, [{ name: 'probe', script, weight: 0 }]);
    await sleep(6000);
    rmSync(healthy);
    const heard = INSTANCES.filter(({ name }) => name.includes('HEARD')).map(({ name, vrid, vips }) => {
      const priority = name.startsWith('LOWER') ? 119 : 121;
      const addresses = vips.map(addressOf);
      const source = { source: b.address, sourceMac: b.mac };
      return craftFrame({ version: 2, vrid, priority, intervalUnits: 1, addresses, ...source });
    });
    await sendFrames(b, heard);
    // The last second bursts are due some 11 s after the start; the refreshing ones are not due just at the end.
    await sleep(7000);
    const held = await a.addresses();
    await running.stop();
    await capture.stop();
    const frames = await capture.frames();
    return {
      sent: new Map(INSTANCES.map((instance) => [instance.name, sentBy(instance, frames)])),
      addresses: held,
      complaints: await capture.complaints('vrrp'),
    };
  } finally {
    await lab.destroy();
  }
}

function sentBy({ vrid, vips, peers = [''] }: InstanceSpec, frames: readonly Frame[]): Sent {
  const adverts = frames.filter(({ hex }) => !isArp(hex) && Number.parseInt(hex.slice(70, 72), 16) === vrid);
  const own = vips.map((vip) => hexAddress(addressOf(vip)));
  // The kernel's own questions have another target.
  const arps = frames.filter(
    ({ hex }) => isArp(hex) && own.includes(hex.slice(56, 64)) && hex.slice(56, 64) === hex.slice(76, 84),
  );
  const alive = adverts.filter(({ hex }) => !isResignation(hex));
  const begun = alive[0]?.t ?? Number.NaN;
  const rounds = alive.filter((_, index) => index % peers.length === 0);
  const spacings = rounds.slice(1).map(({ t }, index) => t - rounds[index]!.t);
  return {
    adverts: [...new Set(adverts.map(({ hex }) => masked(hex)))],
    spacing: spacings.toSorted((x, y) => x - y)[spacings.length >> 1]!,
    soonest: Math.min(...spacings),
    resignations: adverts
      .filter(({ hex }) => isResignation(hex))
      .filter((_, index) => index % peers.length === 0)
      .map(({ t }) => t - begun),
    bursts: burstsOf(arps, begun),
  };
}

const isArp = (hex: string) => hex.slice(24, 28) === '0806';
const isResignation = (hex: string) => hex.slice(72, 74) === '00';

function addressOf(vip: string | Vip): string {
  return (typeof vip === 'string' ? vip : vip.address).split('/')[0]!;
}

function hexAddress(address: string): string {
  return Buffer.from(address.split('.').map(Number)).toString('hex');
}

function burstsOf(arps: readonly Frame[], begun: number): Burst[] {
  const bursts: Array<{ after: number; frames: string[] }> = [];
  for (const [index, { t, hex }] of arps.entries()) {
    if (index > 0 && t - arps[index - 1]!.t < APART) bursts.at(-1)!.frames.push(hex);
    else bursts.push({ after: t - begun, frames: [hex] });
  }
  return bursts;
}

/** The IP identification, and the IP checksum which changes with it, are each sender's own. */
function masked(hex: string): string {
  return `${hex.slice(0, 36)}....${hex.slice(40, 48)}....${hex.slice(52)}`;
}

/** When two programs of the same configuration send something, at most so far apart, in ms. */
const JITTER = 700;

describe('the frames of the same instances', () => {
  let theirs: Record;
  let mine: Record;
  beforeAll(async () => {
    [theirs, mine] = await Promise.all([
      record((host, scripts) => startKeepalived(host, keepalivedConf(INSTANCES, scripts))),
      record(
        async (host, scripts) => (await startDaemon(host, memcacheHaConfig(INSTANCES, scripts))).process,
      ),
    ]);
  });

  test.each(INSTANCES)('$name: advertisements and resignations', ({ name, peers = [''], interval }) => {
    const [reference, ours] = [theirs.sent.get(name)!, mine.sent.get(name)!];
    // Something to compare with: the advertisement and the resignation to each peer.
    expect(reference.adverts).toHaveLength(2 * peers.length);
    expect(ours.adverts).toEqual(reference.adverts);
    report(name, reference, ours);
    expect(Math.abs(ours.spacing - interval * 1000)).toBeLessThan(0.1 * interval * 1000);
    // What is heard of another master is answered out of turn, or not, by keepalived's keywords.
    const outOfTurn = ({ soonest }: Sent) => soonest < 0.85 * interval * 1000;
    expect(outOfTurn(reference)).toBe(name.includes('HEARD') && !name.includes('NO_ADVERT'));
    expect(outOfTurn(ours)).toBe(outOfTurn(reference));
    // A lost resignation costs a Master_Down_Interval, so ours goes out twice; keepalived does so into FAULT only.
    expect(reference.resignations).toHaveLength(name === 'SCRIPT_FAILS' ? 2 : 1);
    expect(ours.resignations).toHaveLength(2);
    expect(Math.abs(ours.resignations[0]! - reference.resignations[0]!)).toBeLessThan(2 * JITTER);
  });

  test.each(INSTANCES)('$name: gratuitous ARPs, their number, order and times', ({ name }) => {
    const [reference, ours] = [theirs.sent.get(name)!, mine.sent.get(name)!];
    // They did not end in the same moment: one may have had time for another burst.
    const horizon = Math.min(reference.resignations[0]!, ours.resignations[0]!) - JITTER;
    const due = ({ bursts }: Sent) => bursts.filter(({ after }) => after < horizon).length;
    const count = Math.max(due(reference), due(ours));
    expect(count).toBeGreaterThan(0);
    const compared = ours.bursts.slice(0, count);
    expect(compared.map(({ frames }) => frames)).toEqual(
      reference.bursts.slice(0, count).map(({ frames }) => frames),
    );
    for (const [index, { after }] of compared.entries()) {
      expect(Math.abs(after - reference.bursts[index]!.after)).toBeLessThan(JITTER);
    }
  });

  test('the virtual addresses, but for how long they stay without us', () => {
    const facts = ({ addresses }: Record) =>
      addresses
        .filter(({ interface: name }) => name === 'eth0')
        .map(({ address, prefixLength, label, scope }) => `${address}/${prefixLength} ${label} ${scope}`)
        .sort();
    expect(facts(theirs)).toContain('10.9.0.250/24 eth0:ha global');
    expect(facts(mine)).toEqual(facts(theirs));
  });

  test('tshark finds no fault in either', () => {
    expect(theirs.complaints).toEqual([]);
    expect(mine.complaints).toEqual([]);
  });
});

function report(name: string, reference: Sent, ours: Sent): void {
  const told = ({ spacing, resignations, bursts }: Sent) => {
    const times = bursts.map(
      ({ after, frames }) => `${frames.length} ARPs at ${(after / 1000).toFixed(2)} s`,
    );
    const zeros = resignations.map((after) => (after / 1000).toFixed(3)).join(' and ');
    return `adverts every ${spacing.toFixed(0)} ms, ${times.join(', ')}, priority 0 at ${zeros} s`;
  };
  process.stdout.write(`${name}\n  keepalived:  ${told(reference)}\n  memcache-ha: ${told(ours)}\n`);
}
