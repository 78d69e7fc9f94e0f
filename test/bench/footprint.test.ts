/** What the daemon costs a host that waits for nothing to happen, beside keepalived with the same configuration. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { startMemcached } from '../../src/lab/programs.ts';
import { startDaemon } from '../netns/support/daemon.ts';
import { cpuSeconds, residentMegabytes } from '../netns/support/process-cost.ts';

const RUNS = 5;
/** How long an idle MASTER is watched, in ms. */
const WATCHED = 20_000;
const VIP = '10.9.0.250';

let lab: Lab<'a' | 'b'>;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhafoot' });
  await startMemcached(lab.hosts.a);
});
afterAll(() => lab.destroy());

const KEEPALIVED = `vrrp_script chk {
  script "/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211 && printf \\"stats\\\\r\\\\nquit\\\\r\\\\n\\" >&3 && grep -q pid <&3'"
  interval 1
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  authentication { auth_type PASS
    auth_pass 1111 }
  virtual_ipaddress { ${VIP} }
  track_script { chk }
}`;

const CONFIG = {
  memcached: { local: { address: '127.0.0.1:11211', interval: 1, timeout: 0.5 } },
  vrrp_instance: {
    VI_1: {
      state: 'BACKUP',
      interface: 'eth0',
      virtual_router_id: 51,
      priority: 100,
      advert_int: 1,
      authentication: { auth_type: 'PASS', auth_pass: '1111' },
      virtual_ipaddress: [VIP],
      track_memcached: ['local'],
    },
  },
};

async function watch(pids: () => Promise<number[]> | number[]): Promise<{ cpu: number; rss: number }> {
  const before = cpuSeconds(await pids());
  await new Promise((resolve) => setTimeout(resolve, WATCHED));
  return {
    cpu: ((cpuSeconds(await pids()) - before) / WATCHED) * 100_000,
    rss: residentMegabytes(await pids()),
  };
}

const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[values.length >> 1]!;

/** Median time in ms from the start of a program until `ready`, and the last one of its runs, left running. */
async function startOften<T extends { stop(): Promise<unknown> }>(
  start: () => Promise<T>,
  ready: (program: T) => Promise<number>,
): Promise<{ readonly took: number; readonly program: T }> {
  const took: number[] = [];
  for (;;) {
    const begun = monotonicNow();
    const program = await start();
    took.push((await ready(program)) - begun);
    if (took.length === RUNS) return { took: median(took), program };
    await program.stop();
  }
}

test('start time, memory and CPU of an idle MASTER', async () => {
  const { a } = lab.hosts;
  const row = (took: number, { rss, cpu }: { rss: number; cpu: number }) => ({
    [`start, ms (median of ${RUNS})`]: Math.round(took),
    'RSS, MB': rss.toFixed(1),
    'CPU, % of a core': cpu.toFixed(2),
  });

  const ours = await startOften(
    async () => {
      const daemon = await startDaemon(a, CONFIG);
      return { ...daemon, stop: () => daemon.process.stop() };
    },
    async (daemon) => (await daemon.waitLog(/INIT -> BACKUP/)).t,
  );
  await ours.program.waitState('MASTER');
  const ourCost = await watch(() => [ours.program.process.pid]);
  await ours.program.stop();

  const theirs = await startOften(
    () => startKeepalived(a, KEEPALIVED),
    async (keepalived) => {
      await keepalived.waitState('VI_1', 'BACKUP');
      return monotonicNow();
    },
  );
  await theirs.program.waitState('VI_1', 'MASTER');
  const theirCost = await watch(() => a.pids().filter(isKeepalived));
  await theirs.program.stop();

  console.table({ 'memcache-ha': row(ours.took, ourCost), keepalived: row(theirs.took, theirCost) });
  expect(theirCost.rss).toBeGreaterThan(1);
  expect(ourCost.rss).toBeLessThan(120);
});

function isKeepalived(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('keepalived');
  } catch {
    return false;
  }
}
