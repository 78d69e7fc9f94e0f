/**
 * Crafted advertisements, right and wrong at the borders of each field, to a BACKUP of keepalived and to one of
 * memcache-ha: does it stay BACKUP, take over at once, or take no notice and become MASTER when its timer runs out?
 * Each case has a virtual router of its own, so that all of them wait at the same time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { DISCARD_REASONS } from '../../src/core/vrrp/validate.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { type Advert, craftFrame, type Flaw } from './support/crafted-advert.ts';
import { startDaemon } from './support/daemon.ts';
import { type InstanceSpec, keepalivedConf, memcacheHaConfig } from './support/instance-spec.ts';
import type { Scrape } from './support/metrics.ts';
import { sendFrames } from './support/send-frame.ts';
import { entered, type Program } from './support/vrrp-node.ts';

const [TARGET, PEER, OTHER] = ['10.9.0.101', '10.9.0.102', '10.9.0.10'];
const TARGET_MAC = '02:00:0a:09:00:65';
const PEER_MAC = '02:00:0a:09:00:66';
const UNICAST = { address: TARGET, mac: TARGET_MAC };
const MULTICAST = { address: '224.0.0.18', mac: '01:00:5e:00:00:12' };

/** What a BACKUP does about it. */
type Verdict = 'stays BACKUP' | 'takes over at once' | 'takes no notice';

/** The receiver, always of priority 100. */
const RECEIVERS = {
  'v2 PASS': { version: 2, password: '1111' },
  'v2 PASS nopreempt': { version: 2, password: '1111', keywords: { nopreempt: true } },
  'v2 no auth': { version: 2 },
  'v2 unicast': { version: 2, source: TARGET, peers: [PEER] },
  v3: { version: 3 },
  'v3 unicast': { version: 3, source: TARGET, peers: [PEER] },
} as const satisfies Readonly<Record<string, Partial<InstanceSpec>>>;

interface Case {
  readonly receiver: keyof typeof RECEIVERS;
  readonly what: string;
  /** What is different from the receiver's own advertisement with priority 200. */
  readonly advert?: Partial<Advert>;
  readonly flaw?: Flaw;
  /** Where memcache-ha departs from keepalived on purpose. */
  readonly departure?: { readonly ours: Verdict; readonly why: string };
}

/** What Debian's keepalived 2.2.7 takes for a reason to have two MASTERs, and later ones log only. */
const OTHER_LIST = {
  ours: 'stays BACKUP',
  why: 'another list is logged and counted: two MASTERs would be worse than two lists',
} as const;

type Change = Pick<Case, 'advert' | 'flaw' | 'departure'>;
const list = (receiver: Case['receiver'], changes: Readonly<Record<string, Change>>): Case[] =>
  Object.entries(changes).map(([what, change]) => ({ receiver, what, ...change }));

const priorities = (...all: readonly number[]): Record<string, Change> =>
  Object.fromEntries(all.map((priority) => [`priority ${priority}`, { advert: { priority } }]));

const CASES: readonly Case[] = [
  ...list('v2 PASS', {
    'nothing wrong': {},
    ...priorities(0, 1, 99, 100, 101, 254, 255),
    'TTL 254': { flaw: { ttl: 254 } },
    'TTL 1': { flaw: { ttl: 1 } },
    'version 1': { flaw: { version: 1 } },
    'version 3': { flaw: { version: 3 } },
    'version 15': { flaw: { version: 15 } },
    'type 0': { flaw: { type: 0 } },
    'type 2': { flaw: { type: 2 } },
    'another VRID': { advert: { vrid: 250 } },
    'auth type 0': { flaw: { authType: 0 } },
    'auth type 2 (AH)': { flaw: { authType: 2 } },
    'auth type 3': { flaw: { authType: 3 } },
    'another password': { advert: { password: '1112' } },
    'a shorter password': { advert: { password: '111' } },
    'a longer password': { advert: { password: '11111' } },
    'advert_int 0': { advert: { intervalUnits: 0 } },
    'advert_int 2': { advert: { intervalUnits: 2 } },
    'advert_int 255': { advert: { intervalUnits: 255 } },
    'count 0, one address': { flaw: { count: 0 } },
    'count 2, one address': { flaw: { count: 2 } },
    'count 255, one address': { flaw: { count: 255 } },
    'no address': { advert: { addresses: [] }, departure: OTHER_LIST },
    'two addresses': { advert: { addresses: ['10.9.3.1', '10.9.3.2'] }, departure: OTHER_LIST },
    'another address': { advert: { addresses: ['10.9.3.1'] }, departure: OTHER_LIST },
    'checksum + 1': { flaw: { checksum: 1 } },
    'checksum - 1': { flaw: { checksum: -1 } },
    'one octet short': { flaw: { cut: 1 } },
    'without its authentication': { flaw: { cut: 8 } },
    'nine octets': { flaw: { cut: 11 } },
    'seven octets': { flaw: { cut: 13 } },
    'nothing but the IP header': { flaw: { cut: 20 } },
    'one octet too long': { flaw: { more: 1 } },
    'four octets too long': { flaw: { more: 4 } },
    'Ethernet padding': { flaw: { padding: 6 } },
    'IP options of 4 octets': { flaw: { options: 4 } },
    'IP options of 40 octets': { flaw: { options: 40 } },
    'to its unicast address': { advert: { destination: UNICAST } },
    'from another host': { advert: { source: OTHER } },
    'from its own address': { advert: { source: TARGET } },
    'priority 0 with a wrong password': { advert: { priority: 0, password: 'no' } },
  }),
  ...list('v2 PASS nopreempt', priorities(0, 1, 100)),
  ...list('v2 no auth', {
    'nothing wrong': {},
    'PASS 1111': { advert: { password: '1111' } },
    'auth type 0 with octets in it': { advert: { password: '1111' }, flaw: { authType: 0 } },
  }),
  ...list('v2 unicast', {
    'nothing wrong': { advert: { destination: UNICAST } },
    'TTL 1': { advert: { destination: UNICAST }, flaw: { ttl: 1 } },
    'to the group': {},
    'from another host': {
      advert: { destination: UNICAST, source: OTHER },
      departure: {
        ours: 'takes no notice',
        why: 'the peers are a list of who may speak, which keepalived checks with check_unicast_src only',
      },
    },
  }),
  ...list('v3', {
    'nothing wrong': {},
    ...priorities(0, 1, 100, 255),
    'TTL 254': { flaw: { ttl: 254 } },
    'version 2': { flaw: { version: 2 } },
    'type 2': { flaw: { type: 2 } },
    'Max Adver Int 0': {
      advert: { intervalUnits: 0 },
      departure: {
        ours: 'takes no notice',
        why: 'an interval of 0 would make every BACKUP a MASTER at once; RFC 9568 has no such interval',
      },
    },
    'Max Adver Int 10, heard every second': { advert: { intervalUnits: 10 } },
    'Max Adver Int 200': { advert: { intervalUnits: 200 } },
    'reserved bits set': { advert: { intervalUnits: 0xf000 | 100 } },
    'no address': { advert: { addresses: [] }, departure: OTHER_LIST },
    'another address': { advert: { addresses: ['10.9.3.1'] }, departure: OTHER_LIST },
    'count 2, one address': { flaw: { count: 2 } },
    'checksum + 1': { flaw: { checksum: 1 } },
    'one octet short': { flaw: { cut: 1 } },
    'one octet too long': { flaw: { more: 1 } },
    'eight octets too long': { flaw: { more: 8 } },
    'IP options of 4 octets': { flaw: { options: 4 } },
    'to its unicast address': { advert: { destination: UNICAST } },
  }),
  ...list('v3 unicast', {
    'nothing wrong': { advert: { destination: UNICAST } },
    'TTL 1': { advert: { destination: UNICAST }, flaw: { ttl: 1 } },
    'to the group': {},
    'checksum + 1': { advert: { destination: UNICAST }, flaw: { checksum: 1 } },
  }),
];

const vridOf = (index: number) => index + 1;
const vipOf = (index: number) => `10.9.2.${vridOf(index)}`;

const INSTANCES: readonly InstanceSpec[] = CASES.map(({ receiver }, index) => ({
  name: `C${vridOf(index)}`,
  vrid: vridOf(index),
  priority: 100,
  interval: 1,
  vips: [vipOf(index)],
  ...RECEIVERS[receiver],
}));

/** The advertisement that nobody can object to. */
function rightAdvert(index: number): Advert {
  const { receiver } = CASES[index]!;
  const { version } = RECEIVERS[receiver];
  return {
    version,
    vrid: vridOf(index),
    priority: 200,
    intervalUnits: version === 2 ? 1 : 100,
    addresses: [vipOf(index)],
    ...('password' in RECEIVERS[receiver] ? { password: '1111' } : {}),
    source: PEER,
    sourceMac: PEER_MAC,
    destination: receiver.includes('unicast') ? UNICAST : MULTICAST,
  };
}

const RIGHT = CASES.map((_, index) => craftFrame(rightAdvert(index)));
const CRAFTED = CASES.map(({ advert, flaw }, index) =>
  craftFrame({ ...rightAdvert(index), destination: MULTICAST, ...advert }, flaw),
);

/** What came of one case. */
interface Reaction {
  /** From the last right advertisement until it was MASTER, in ms; null: it was not in time. */
  readonly master: number | null;
  /** What it says of the crafted one. */
  readonly said: string;
}

/** Master_Down_Interval of priority 100 is 3609 ms, and priority 0 at 1000 ms takes it over after a Skew_Time of 609. */
const AT_ONCE = 2600;
const IN_TIME = 5500;

function verdictOf({ master }: Reaction): Verdict {
  if (master === null) return 'stays BACKUP';
  return master < AT_ONCE ? 'takes over at once' : 'takes no notice';
}

async function react(program: Program): Promise<readonly Reaction[]> {
  const lab = await createLab({ prefix: 'mhaverdict' });
  try {
    const { a, b } = lab.hosts;
    const daemon = program === 'keepalived' ? null : await startDaemon(a, memcacheHaConfig(INSTANCES));
    const process: LabProcess = daemon?.process ?? (await startKeepalived(a, keepalivedConf(INSTANCES)));
    for (let second = 0; second < 2; second++) {
      await sendFrames(b, RIGHT);
      await sleep(1000);
    }
    await sendFrames(b, RIGHT);
    const last = monotonicNow();
    const counted = await daemon?.metrics();
    for (let second = 1; second * 1000 < IN_TIME; second++) {
      await sleep(Math.max(0, last + second * 1000 - monotonicNow()));
      await sendFrames(b, CRAFTED);
    }
    await sleep(Math.max(0, last + IN_TIME - monotonicNow()));
    const lines = [...process.stdout.lines, ...process.stderr.lines];
    const after = await daemon?.metrics();
    return INSTANCES.map(({ name, peers }): Reaction => {
      const became = lines.find(({ t, text }) => {
        const change = t > last ? entered(program, text) : null;
        return change?.instance === name && change.state === 'MASTER';
      });
      const said =
        counted === undefined || after === undefined
          ? keepalivedSays(
              lines.filter(({ t }) => t > last).map(({ text }) => text),
              name,
            )
          : weSay(counted, after, name, quietOn(peers === undefined ? 'v2 PASS' : 'v2 unicast'));
      return { master: became === undefined ? null : became.t - last, said };
    });
  } finally {
    await lab.destroy();
  }
}

/** The instance of this receiver that hears nothing wrong. */
function quietOn(receiver: Case['receiver']): string {
  return INSTANCES[CASES.findIndex((one) => one.receiver === receiver && one.what === 'nothing wrong')]!.name;
}

/** The first line about the instance that is not about its own states. */
function keepalivedSays(lines: readonly string[], name: string): string {
  const own = /Entering|Receive advertisement timeout|VIPs|gratuitous|master state|priority .* received/i;
  const line = lines.find((text) => text.includes(`(${name})`) && !own.test(text));
  return line?.replace(/^.*?\(C\d+\) /, '') ?? '';
}

/**
 * The reasons that were counted for this instance more often than for `quiet`, which heard nothing wrong: a datagram
 * without a VRID of this host is counted for every instance on the socket.
 */
function weSay(before: Scrape, after: Scrape, instance: string, quiet: string): string {
  const grown = (metric: string, labels: Readonly<Record<string, string>>) => {
    const of = (scrape: Scrape) => scrape.value(`memcache_ha_vrrp_${metric}`, labels) ?? 0;
    return of(after) - of(before);
  };
  const discarded = (of: string, reason: string) =>
    grown('advertisements_discarded_total', { instance: of, reason });
  const reasons = DISCARD_REASONS.filter((reason) => discarded(instance, reason) > discarded(quiet, reason));
  const mismatched = grown('address_list_mismatches_total', { instance }) > 0;
  return [...reasons, ...(mismatched ? ['address list is not ours'] : [])].join(', ');
}

describe('a BACKUP that hears a crafted advertisement', () => {
  let theirs: readonly Reaction[];
  let mine: readonly Reaction[];
  beforeAll(async () => {
    [theirs, mine] = await Promise.all([react('keepalived'), react('memcache-ha')]);
    report(theirs, mine);
  });

  test.each(CASES.map((one, index) => ({ ...one, index })))('$receiver: $what', ({ index, departure }) => {
    const [reference, ours] = [theirs[index]!, mine[index]!];
    expect(verdictOf(ours), `keepalived says: ${reference.said}; we say: ${ours.said}`).toBe(
      departure?.ours ?? verdictOf(reference),
    );
    // A departure that is none any more should be told as such no longer.
    if (departure !== undefined) expect(verdictOf(reference)).not.toBe(departure.ours);
  });
});

function report(theirs: readonly Reaction[], mine: readonly Reaction[]): void {
  const shown = (reaction: Reaction) =>
    `${verdictOf(reaction)}${reaction.master === null ? '' : ` (${reaction.master.toFixed(0)} ms)`}`;
  const rows = CASES.map(({ receiver, what, departure }, index) => {
    const [reference, ours] = [theirs[index]!, mine[index]!];
    const mark = departure === undefined ? '' : ` [departure: ${departure.why}]`;
    const effects = `${shown(reference).padEnd(30)} | ${shown(ours).padEnd(30)}`;
    return `${`${receiver}: ${what}`.padEnd(50)} | ${effects} | ${reference.said} | ${ours.said}${mark}`;
  });
  const head = `${'advertisement'.padEnd(50)} | ${'keepalived'.padEnd(30)} | ${'memcache-ha'.padEnd(30)} | its log | our reason`;
  process.stdout.write(`${[head, ...rows].join('\n')}\n`);
}
