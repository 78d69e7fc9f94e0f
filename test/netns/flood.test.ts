/**
 * A flood of protocol 112 at one host of a pair: whatever it carries, no election, no advert starved, and no memory
 * taken. FLOOD_SECONDS (default 3) and FLOOD_RATE (default 40 000 frames per second) make it longer or stronger.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { craftFrame, type Flaw } from './support/crafted-advert.ts';
import { flood } from './support/flood.ts';
import { type Config, type Member, type Pair, startPair, VIP } from './support/pair.ts';
import { cpuSeconds, residentMegabytes } from './support/process-cost.ts';

const SECONDS = Number(process.env.FLOOD_SECONDS ?? 3);
const RATE = Number(process.env.FLOOD_RATE ?? 40_000);

const ADVERT_MS = 100;

const config = ({ name }: { readonly name: string }): Config => ({
  vrrp_instance: {
    VI_1: {
      interface: 'eth0',
      virtual_router_id: 51,
      priority: name === 'a' ? 200 : 150,
      version: 3,
      advert_int: ADVERT_MS / 1000,
      virtual_ipaddress: [VIP],
    },
  },
});

/** An advert of a stranger that both hosts would take for one of another master. */
const STRANGER = {
  version: 3,
  vrid: 51,
  priority: 1,
  intervalUnits: 10,
  addresses: [VIP],
  source: '10.9.0.10',
  sourceMac: '02:00:0a:09:00:0a',
} as const;

/** To the group's IP address, but in frames that only this host takes. */
const to = ({ host }: Member, advert: Partial<Parameters<typeof craftFrame>[0]>, flaw?: Flaw): string =>
  craftFrame({ ...STRANGER, ...advert, destination: { address: '224.0.0.18', mac: host.mac } }, flaw);

/** No two alike, so that nothing can be kept from one to the next. */
const many = (frame: (index: number) => string): string[] => Array.from({ length: 1000 }, (_, i) => frame(i));

let pair: Pair;
beforeAll(async () => {
  pair = await startPair({ config, memcached: false });
  // The flood is to be all that competes with them: the machine may be busy with something else.
  for (const { host, daemon } of [pair.a, pair.b]) {
    await host.exec(['chrt', '--rr', '--pid', '1', String(daemon.process.pid)]);
  }
});
afterAll(() => pair.destroy());

const strangers = (index: number) => ({ source: `10.9.${1 + (index >> 8)}.${index & 0xff}` });
const FLOODS: readonly (readonly [title: string, 'a' | 'b', (at: Member, index: number) => string])[] = [
  ['wrong checksums at the BACKUP', 'b', (at, i) => to(at, strangers(i), { checksum: 1 + i })],
  ['wrong checksums at the MASTER', 'a', (at, i) => to(at, strangers(i), { checksum: 1 + i })],
  ['other VRIDs at the MASTER', 'a', (at, i) => to(at, { ...strangers(i), vrid: 60 + (i % 100) })],
  ['a master of lower rank at the BACKUP', 'b', (at, i) => to(at, strangers(i))],
  ['a master of lower rank at the MASTER', 'a', (at, i) => to(at, strangers(i))],
  ['resignations at the MASTER', 'a', (at, i) => to(at, { ...strangers(i), priority: 0 })],
];

/** Floods one host and tells what came of it: the MASTER's adverts, and the flooded daemon's memory. */
async function floodAt(at: Member, title: string, frame: (index: number) => string, seconds = SECONDS) {
  const { a, b } = pair;
  const pid = at.daemon.process.pid;
  const cpu = cpuSeconds([pid]);
  const capture = await startCapture(b.host, { filter: `ip proto 112 and ether src ${a.host.mac}` });
  const megabytes: number[] = [residentMegabytes([pid])];
  const sampling = setInterval(() => megabytes.push(residentMegabytes([pid])), 200);
  const started = monotonicNow();
  const perSecond = await flood(pair.lab.client, { perSecond: RATE, seconds, frames: many(frame) });
  const took = (monotonicNow() - started) / 1000;
  clearInterval(sampling);
  const busy = Math.round((100 * (cpuSeconds([pid]) - cpu)) / took);
  // The daemon answers only when it has read what was sent before.
  await at.daemon.status();
  const adverts = await capture.frames();
  await capture.stop();
  const pauses = adverts.slice(1).map(({ t }, index) => t - adverts[index]!.t);
  process.stdout.write(
    `measured: ${title}: ${Math.round(perSecond)}/s for ${took.toFixed(1)} s, ${busy} % CPU, ` +
      `${megabytes[0]!.toFixed(0)} to ${Math.max(...megabytes).toFixed(0)} MB, ${adverts.length} adverts, ` +
      `at most ${Math.max(...pauses).toFixed(0)} ms apart\n`,
  );
  // Slower, and it was no flood: the sender shares the machine with whatever else runs.
  expect(perSecond).toBeGreaterThan(RATE / 4);
  return { sent: perSecond * took, adverts: adverts.length, pause: Math.max(...pauses), megabytes, took };
}

const transitions = () =>
  Promise.all([pair.a, pair.b].map(async ({ daemon }) => (await daemon.instance()).transitions));
const counted = async ({ daemon }: Member): Promise<number> => {
  const metrics = await daemon.metrics();
  const names = ['received_total', 'discarded_total'].map(
    (name) => `memcache_ha_vrrp_advertisements_${name}`,
  );
  return names.reduce((sum, name) => sum + (metrics.value(name) ?? 0), 0);
};

test.each(FLOODS)('%s', async (title, name, frame) => {
  const at = pair[name];
  const before = { transitions: await transitions(), counted: await counted(at) };
  const { sent, adverts, pause, took } = await floodAt(at, title, (index) => frame(at, index));
  expect(await transitions()).toEqual(before.transitions);
  // A Master_Down_Interval of B's is 3 adverts and a Skew_Time of 41 ms.
  expect(pause).toBeLessThan(3 * ADVERT_MS);
  // Another master is answered, but not each of its adverts.
  expect(adverts).toBeLessThan((3 * took * 1000) / ADVERT_MS);
  // What does not fit into the socket is lost, the host's own adverts among it: it must be the exception.
  expect((await counted(at)) - before.counted).toBeGreaterThan(sent / 2);
});

test('memory does not grow with the flood', async () => {
  const { a } = pair;
  const frame = (index: number) => to(a, strangers(index));
  const { megabytes } = await floodAt(a, 'a master of lower rank, again', frame, 2 * SECONDS);
  const half = Math.floor(megabytes.length / 2);
  const [first, second] = [megabytes.slice(0, half), megabytes.slice(half)].map((part) => Math.max(...part));
  // The first half may fill up what the garbage collector leaves itself.
  expect(second! - first!).toBeLessThan(10);
  expect(second!).toBeLessThan(160);
});
