/**
 * A pair that just runs, probes each 10 ms and adverts each 100 ms, with a client at a modest rate: do the daemons and the
 * proxies on both hosts keep to the memory and the descriptors that they have? SOAK_MINUTES (default 60); each sample
 * goes to SOAK_CSV (default: soak.csv in the temporary directory).
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { proxyProcesses } from '../netns/support/bundled.ts';
import { PROXY, startPair, waitServes } from '../netns/support/pair.ts';
import { cpuSeconds } from '../netns/support/process-cost.ts';
import { look, type Sample, trend } from './support/footprint.ts';
import { tunedPair } from './support/tuned-pair.ts';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
const CSV = process.env.SOAK_CSV ?? join(tmpdir(), 'soak.csv');
/** Seconds; a shorter soak is looked at more often. */
const EVERY = Math.min(10, (MINUTES * 60) / 60);

/** What the second half may add, in MB, for a process to count as flat: V8 itself gives and takes some. */
const FLAT_MEGABYTES = 4;

test(
  `${MINUTES} minutes`,
  async () => {
    const pair = await startPair({
      config: (host) =>
        tunedPair(host, {
          sections: {
            // Others may want the machine for that hour; elections would begin the processes anew.
            global_defs: { log: { level: 'info' }, vrrp_rt_priority: 1 },
            memcached: {
              local: { address: `${host.address}:11211`, interval: 0.01, timeout: 1, fall: 3, rise: 1 },
            },
          },
        }),
    });
    try {
      const { a, b } = pair;
      await waitServes(a);
      await sleep(3000); // the spares are there
      // A machine that is busy may cost an election, and proxies with it: whoever is there is looked at.
      const processes = () =>
        [a, b].flatMap(({ host, daemon }) => [
          { name: `daemon-${host.name}`, pid: daemon.process.pid },
          ...proxyProcesses(host).map((pid) => ({ name: `proxy-${host.name}`, pid })),
        ]);
      expect(processes().length).toBeGreaterThanOrEqual(4);
      const samples = new Map<string, Sample[]>();
      writeFileSync(CSV, 'seconds,process,pid,rss_mb,descriptors\n');
      const cpu = () => cpuSeconds([a, b].map(({ daemon }) => daemon.process.pid));
      const [start, cpuBefore] = [monotonicNow(), cpu()];
      const seconds = () => (monotonicNow() - start) / 1000;
      // A client lives for an hour at most; with several, connections come and go too.
      let client = await pair.client(PROXY, { every: 20, duration: 3600, threshold: 50 });
      const clients = { answers: 0, misses: 0, wrong: 0, failures: 0, longestGap: 0 };
      const change = async () => {
        const { answers, misses, wrong, failures, longestGap } = await client.stop();
        clients.answers += answers;
        clients.misses += misses;
        clients.wrong += wrong;
        clients.failures += failures;
        clients.longestGap = Math.max(clients.longestGap, longestGap);
      };
      for (let round = 1; seconds() < MINUTES * 60; round++) {
        await sleep(Math.max(0, round * EVERY - seconds()) * 1000);
        for (const { name, pid } of processes()) {
          const { t, megabytes, descriptors } = look(pid, seconds());
          const series = `${name} ${pid}`;
          samples.set(series, [...(samples.get(series) ?? []), { t, megabytes, descriptors }]);
          appendFileSync(CSV, `${t.toFixed(1)},${name},${pid},${megabytes.toFixed(2)},${descriptors}\n`);
        }
        if (round % 30 === 0) {
          await change();
          client = await pair.client(PROXY, { every: 20, duration: 3600, threshold: 50 });
        }
      }
      await change();
      // What lived for less than a third of the time tells nothing of a trend.
      const most = Math.max(...[...samples.values()].map((each) => each.length));
      const rows = [...samples]
        .filter(([, each]) => each.length > most / 3)
        .map(([name, each]) => ({ name, samples: each.length, ...trend(each) }));
      expect(rows.length).toBeGreaterThanOrEqual(4);
      console.table(rows.map(({ descriptors, ...row }) => ({ ...row, ...descriptors })));
      console.log({
        daemonsCpuPercentOfACore: (100 * (cpu() - cpuBefore)) / seconds(),
        clients,
        transitions: (await Promise.all([a, b].map(({ daemon }) => daemon.instance()))).map(
          ({ transitions }) =>
            transitions.map(({ from, to, reason, at }) => `${at} ${from} -> ${to}: ${reason}`),
        ),
        samples: CSV,
      });
      for (const { name, grownMegabytes, descriptors } of rows) {
        expect(grownMegabytes, `${name}: MB that the second half added`).toBeLessThan(FLAT_MEGABYTES);
        expect(descriptors.after, `${name}: descriptors`).toBe(descriptors.before);
      }
      expect(clients.misses + clients.wrong).toBe(0);
    } finally {
      await pair.destroy();
    }
  },
  (MINUTES + 5) * 60_000,
);
