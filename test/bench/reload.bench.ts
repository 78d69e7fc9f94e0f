/**
 * 100 reloads under load, good and bad files in turn, while adverts go out every 100 ms: how late the latest advert was
 * on the wire at the peer, and how long a client that asks each millisecond was without an answer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { PROXY, startPair, waitServes } from '../netns/support/pair.ts';
import { ADVERT_INT, tunedPair } from './support/tuned-pair.ts';

const RELOADS = Number(process.env.RELOADS ?? 100);
/** In ms. */
const INTERVAL = ADVERT_INT * 1000;

/** What a reload changes, and nobody should notice. */
const CHANGES: readonly ((file: string, round: number) => string)[] = [
  (file, round) =>
    file.replace(
      /"garp_master_delay": \d+|"track_memcached"/,
      `"garp_master_delay": ${round + 1},\n"track_memcached"`,
    ),
  (file) => file.replace('"10.9.0.250"', '"10.9.0.250", "10.9.0.251"'),
  (file, round) => file.replace('"interval": 0.1', `"interval": 0.${(round % 8) + 1}`),
  (file) =>
    file.replace(
      '"vrrp_instance"',
      '"vrrp_script": { "s": { "script": "/bin/true", "interval": 1 } },\n"vrrp_instance"',
    ),
  (file) => file.replace('"priority"', '"priorty"'),
  (file) => file.slice(0, file.length / 2),
  (file) => `${file}${'# a large file\n'.repeat(60_000)}`,
  (file) =>
    file.replace(
      '"10.9.0.250"',
      `"10.9.0.250"${Array.from({ length: 200 }, (_, i) => `, "10.77.0.${i}/${33 + i}"`).join('')}`,
    ),
];

test(`${RELOADS} reloads`, async () => {
  const pair = await startPair({ config: tunedPair });
  try {
    const { a, b } = pair;
    await waitServes(a);
    const { daemon } = a;
    const client = await pair.client(PROXY, { expectAny: false, duration: 200 });
    await sleep(1500);
    const capture = await startCapture(b.host, { filter: 'ip proto 112' });
    const original = readFileSync(daemon.file, 'utf8');
    const quietSince = monotonicNow();
    await sleep(10_000);
    const since = monotonicNow();
    const counts = { applied: 0, refused: 0 };
    for (let round = 0; round < RELOADS; round++) {
      writeFileSync(daemon.file, CHANGES[round % CHANGES.length]!(original, round));
      const { code } = await daemon.command('reload');
      counts[code === 0 ? 'applied' : 'refused'] += 1;
    }
    const until = monotonicNow();
    await sleep(500);
    const frames = (await capture.frames('ip proto 112')).map(({ t }) => t);
    const late = (from: number, to: number) => {
      const gaps = frames.flatMap((t, i) =>
        i > 0 && t >= from && t < to ? [t - frames[i - 1]! - INTERVAL] : [],
      );
      const sorted = gaps.toSorted((x, y) => x - y);
      return {
        adverts: gaps.length,
        p50: sorted[gaps.length >> 1],
        p99: sorted[Math.floor(gaps.length * 0.99)],
        worst: sorted.at(-1),
      };
    };
    console.log('ms late:', {
      withoutReloads: late(quietSince, since),
      withReloads: late(since, until),
      took: until - since,
    });
    console.log(
      'client:',
      { longestGap: await client.longestGap(since), before: await client.longestGap(quietSince) },
      counts,
    );
    await client.stop();
    expect((await daemon.instance()).transitions.length).toBe(2);
    expect(counts.refused).toBeGreaterThan(0);
    expect(counts.applied).toBeGreaterThan(0);
  } finally {
    await pair.destroy();
  }
}, 300_000);
