/** What each host of a real pair tells of the other one: while it runs, when its daemon is dead, when the link is cut. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PairView } from '../../src/daemon/pair-view.ts';
import type { PairStatus, Status } from '../../src/daemon/status.ts';
import { askControl } from '../../src/io/control-socket.ts';
import { until } from '../../src/lab/await.ts';
import { launch, open } from '../page/support/browser.ts';
import { MEMCACHE_HA } from './support/daemon.ts';
import { fastPair, type Member, type Pair, startPair } from './support/pair.ts';

let pair: Pair;
beforeAll(async () => {
  const address = { a: '10.9.0.101', b: '10.9.0.102' };
  pair = await startPair({
    config: (host) =>
      fastPair(host, {
        instance: {
          unicast_src_ip: host.address,
          unicast_peer: [host.name === 'a' ? address.b : address.a],
        },
        sections: { global_defs: { metrics: { listen: '0.0.0.0:9650' } } },
      }),
  });
  expect([pair.a.host.address, pair.b.host.address]).toEqual([address.a, address.b]);
});
afterAll(() => pair?.destroy());

async function pairStatus({ daemon }: Member): Promise<PairStatus> {
  const answer = await askControl(daemon.control, { command: 'status' }, 5000);
  if (!answer.ok) throw new Error(answer.error);
  return answer.result as PairStatus;
}

test('each tells what the other one tells of itself, and over HTTP itself alone', async () => {
  const { a, b } = pair;
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { itself, peers, ...own } = await until(
      'what was heard a moment ago is asked for anew',
      async () => {
        const now = await pairStatus(one);
        const told = JSON.parse((await other.daemon.get('/status')).body) as Status;
        const same = isDeepStrictEqual(now.peers[0]?.status?.instances, told.instances);
        return same && { ...now, itself: told };
      },
    );
    expect(peers).toEqual([
      {
        address: `${other.host.address}:9650`,
        reached: true,
        detail: '',
        at: expect.any(String),
        status: expect.objectContaining({ pid: itself.pid }),
      },
    ]);
    expect(own.pid).toBe(one.daemon.process.pid);
    expect(itself).not.toHaveProperty('peers');
  }
});

test('`status` shows both, and --watch shows them again and again until it is interrupted', async () => {
  const { a, b } = pair;
  const { code, stdout } = await a.daemon.command('status', '--no-color');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^memcache-ha .*\n\nVI_1 {2}MASTER for \d+ s: /);
  expect(stdout).toMatch(/^peer \S+ {2}\S+:9650 {2}version \S+, up \d+ s\n {2}VI_1 {2}BACKUP for \d+ s/m);
  expect(stdout).toMatch(/^ {2}\S+Z {2}BACKUP -> MASTER {2}\d+ s so far {2}\S/m);

  const watching = b.host.spawn([...MEMCACHE_HA, 'status', '--watch', '0.2', '--control', b.daemon.control]);
  const pictures = () => watching.stdout.lines.filter(({ text }) => text.startsWith('memcache-ha ')).length;
  await until('there are three pictures', () => pictures() >= 3);
  watching.kill('SIGINT');
  expect(await watching.exited).toMatchObject({ code: 0 });
  expect(watching.stderr.text()).toBe('');
  expect(watching.stdout.text()).not.toContain('\x1b');
});

test('another user is refused, and told who may', async () => {
  const { control } = pair.a.daemon;
  process.seteuid!('nobody');
  try {
    await expect(askControl(control, { command: 'drain' }, 5000)).rejects.toThrow(
      `nobody may not open ${control}: it is for the user root; use sudo`,
    );
  } finally {
    process.seteuid!(0);
  }
  expect((await pair.a.daemon.status()).drained).toBe(false);
});

test('the page in a browser on the host: what `/pair` says, and what happens', async () => {
  const { a, b } = pair;
  const view = JSON.parse((await a.daemon.get('/pair')).body) as PairView;
  expect(view.hosts.map(({ address, status }) => [address, status?.pid])).toEqual([
    [null, a.daemon.process.pid],
    [`${b.host.address}:9650`, b.daemon.process.pid],
  ]);
  for (const { history, clockAhead } of view.hosts) {
    expect(history!.instances[0]!.transitions.length).toBeGreaterThan(0);
    expect(history!.memcached[0]!.probes.length).toBeGreaterThan(0);
    expect(Math.abs(clockAhead)).toBeLessThan(1000);
  }
  expect(view.hosts[0]!.history!.instances[0]!.takeovers[0]!.ms).toBeGreaterThan(0);

  const browser = await launch(a.host);
  try {
    const { page, complaints } = await open(browser, 'http://127.0.0.1:9650/');
    const routers = view.hosts.map(({ status }) => status!.router_id);
    const cards = page.locator('.host');
    expect(await cards.locator('h2').allTextContents()).toEqual(routers);
    expect(await cards.locator('.badge').allTextContents()).toEqual(['● MASTER', '○ BACKUP']);
    a.memcached.kill('SIGKILL');
    await cards.nth(0).locator('.badge', { hasText: 'FAULT' }).waitFor({ timeout: 20_000 });
    await cards.nth(1).locator('.badge', { hasText: 'MASTER' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('.problems').textContent()).toContain('memcached local: connection refused');
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('the daemon of the other one is killed, and the link is cut: told within a second, and why', async () => {
  const { a, b } = pair;
  b.daemon.process.kill('SIGKILL');
  const gone = await until('A is refused by B', async () => {
    const [peer] = (await pairStatus(a)).peers;
    return peer!.detail === 'connection refused' && peer!;
  });
  expect(gone).toEqual({
    address: `${b.host.address}:9650`,
    reached: false,
    detail: 'connection refused',
    at: null,
    status: null,
  });
  await b.host.unplug();
  const detail = await until('the answer is not that of before', async () => {
    const began = performance.now();
    const [peer] = (await pairStatus(a)).peers;
    expect(performance.now() - began).toBeLessThan(2000);
    return peer!.detail === 'connection refused' ? null : peer!.detail;
  });
  expect(['no answer within 500 ms', 'no route to the host']).toContain(detail);
});
