/**
 * The daemon is killed as MASTER and started again in the same place: in time it goes on as if nothing had been, too
 * late it lets go first. Nobody is elected without need, and there are never two holders.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { proxyProcesses } from './support/bundled.ts';
import { startDaemon } from './support/daemon.ts';
import { type Holding, watchHolding } from './support/holding.ts';
import { measured } from './support/measured.ts';
import { type Config, createPair, fastPair, firstTutorial, type Pair, PROXY, VIP } from './support/pair.ts';
import { superviseDaemon } from './support/supervised.ts';

let pair: Pair;
afterEach(() => pair.destroy());

/** How long two hosts held the address at the same time from `since` on, in ms. */
function heldTwice(a: Holding, b: Holding, since: number): number {
  const moments = [...a.changes, ...b.changes].map(({ t }) => t).filter((t) => t >= since);
  const heldAt = ({ changes }: Holding, t: number) =>
    changes.findLast((change) => change.t <= t)?.held ?? false;
  const times = [since, ...moments.toSorted((x, y) => x - y)];
  return times.reduce((sum, t, i) => {
    const next = times[i + 1];
    return next !== undefined && heldAt(a, t) && heldAt(b, t) ? sum + next - t : sum;
  }, 0);
}

/** In ms: what the kernel counts the start of a process in (proc(5), sysconf(_SC_CLK_TCK)). */
const CLOCK_TICK = 10;

/** When the processes of the host with this name were started, in clock ticks since the boot, the first one first. */
function startsOf(host: Host, name: string): number[] {
  const starts = host.pids().flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [own, rest] = [
        stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
        stat.slice(stat.lastIndexOf(')') + 2),
      ];
      return own === name ? [Number(rest.split(' ')[19])] : [];
    } catch {
      return []; // it has ended
    }
  });
  return starts.toSorted((x, y) => x - y);
}

/** The tutorial's pair with the bundled proxy, of which there is none to spare on the MASTER. */
const withBundledProxy = (host: Host): Config =>
  firstTutorial(host, {
    sections: {
      proxy: {
        front: { listen: PROXY, servers: ['10.9.0.101:11211'], backups: ['10.9.0.102:11211'], run: 'always' },
      },
    },
  });

describe('under a supervisor', () => {
  test('with the tutorial’s timers it goes on as MASTER at once: the VIP stays, nobody is elected', async () => {
    pair = await createPair({ config: firstTutorial });
    const { a, b } = pair;
    const holding = await watchHolding(a.host, VIP);
    const { daemon, crash } = await superviseDaemon(a.host, firstTutorial(a.host), 0.1);
    await b.startDaemon();
    await daemon.waitState('MASTER');
    await b.daemon.waitState('BACKUP');
    await until('the proxy listens', () => a.host.listens(12_000, VIP));
    const client = await pair.client(PROXY);
    const capture = await startCapture(pair.lab.client, { filter: 'ip proto 112' });
    await capture.waitFrames('ip proto 112', 1);
    const elections = (await b.daemon.instance()).transitions;

    const killed = await crash();
    const again = await daemon.waitLog(/INIT -> MASTER: restart/, { after: killed });
    await client.waitAnswer(killed + 3000);
    const gap = (await client.stop()).longestGap;
    measured('from kill -9 of the daemon until it is MASTER again (RestartSec 0.1)', again.t - killed);
    measured('the client’s longest gap, kill -9 of the daemon under a supervisor', gap);
    expect(gap).toBeLessThan(2500);
    expect(holding.changes).toHaveLength(1);
    expect((await daemon.instance()).transitions).toMatchObject([
      { from: 'INIT', to: 'MASTER', reason: 'restart' },
    ]);
    expect((await b.daemon.instance()).transitions).toEqual(elections);
    const adverts = await capture.frames('ip proto 112');
    // One before most of the program was loaded, one as MASTER; then each second.
    const first = adverts.filter(({ t }) => t > killed && t < again.t + 300);
    measured('from kill -9 of the daemon until the next one’s first advert', first[0]!.t - killed);
    expect(first).toHaveLength(2);
    expect(new Set(adverts.map(({ hex }) => hex.slice(12, 24)))).toEqual(
      new Set([a.host.mac.replaceAll(':', '')]),
    );
  });

  test('the bundled proxy is started before anything else is, and clients do not wait for the rest', async () => {
    pair = await createPair({ config: withBundledProxy });
    const { a, b } = pair;
    const { daemon, crash } = await superviseDaemon(a.host, withBundledProxy(a.host));
    await b.startDaemon();
    await daemon.waitLog(/proxy front listens/);
    const client = await pair.client(PROXY);
    await sleep(500); // its record tells that it is MASTER

    const killed = await crash();
    const again = await daemon.waitLog(/INIT -> MASTER: restart/, { after: killed });
    await daemon.waitLog(/proxy front listens/, { after: killed });
    const [started] = startsOf(a.host, 'memcache-ha pro');
    expect(started).toBeLessThan(startsOf(a.host, 'ip')[0]!);
    await client.waitAnswer(killed + 2000);
    const outage = client.events.find(({ t, event }) => event === 'answered-again' && t > killed)!;
    measured('from kill -9 of the daemon until it is MASTER again', again.t - killed);
    measured('from kill -9 of the daemon until its proxy answers', outage.t - killed);
    measured('the proxy was started before the daemon is MASTER again', again.t - started! * CLOCK_TICK);
    expect(again.t - started! * CLOCK_TICK).toBeGreaterThan(100);
    // The two load side by side, and either may be the quicker; a proxy that the election starts takes a start of Node.js longer.
    expect(outage.t).toBeLessThan(again.t + 100);
    const gap = (await client.stop()).longestGap;
    expect(gap).toBeLessThan(2500);
    // It is the one that the daemon goes on with.
    const launched = daemon.log().filter(({ t, msg }) => t > killed && /^proxy front started/.test(msg));
    expect(launched).toHaveLength(1);
    await until('one serves and one is to spare', () => proxyProcesses(a.host).length === 2);
    expect(proxyProcesses(a.host)).toContain(launched[0]!.pid);
  });

  test('with 100 ms adverts, again and again: in time there is no second holder, else it lets go first', async () => {
    const config = (host: Host) =>
      fastPair(host, { instance: { advert_int: 0.1, priority: host.name === 'a' ? 254 : 253 } });
    pair = await createPair({ config });
    const { a, b } = pair;
    const [onA, onB] = [await watchHolding(a.host, VIP), await watchHolding(b.host, VIP)];
    const { daemon, crash } = await superviseDaemon(a.host, config(a.host));
    await b.startDaemon();
    const capture = await startCapture(b.host, { filter: `ether src ${a.host.mac} and ip proto 112` });
    await daemon.waitState('MASTER');
    for (let run = 0; run < 3; run++) {
      await pair.waitHolder('a');
      await sleep(500);
      const killed = await crash();
      const started = await daemon.waitLog(/^memcache-ha .* started$/, { after: killed });
      await daemon.waitState('MASTER');
      await pair.waitHolder('a');
      // The last one before may have left in the very moment of the kill.
      const adverts = (await capture.frames()).map(({ t }) => t).filter((t) => t > killed - 150);
      const silence = Math.max(...adverts.slice(1).map((t, i) => t - adverts[i]!));
      const twice = heldTwice(onA, onB, killed);
      measured('silence on the wire, kill -9 of the daemon under a supervisor, adverts each 100 ms', silence);
      measured('two holders at the same time', twice);
      // A machine that is busy may take longer to start it than the peer waits.
      if (silence < 290) expect(twice).toBe(0);
      else if (twice > 0) {
        const letGo = onA.changes.find(({ t, held }) => t > killed && !held)!;
        expect(letGo.t).toBeLessThan(started.t + 100);
      }
    }
  });
});

describe('too late', () => {
  test.each([
    [false, 'MASTER'],
    [true, 'BACKUP'],
  ] as const)(
    'when the peer has taken over: what is left goes first, and then with nopreempt %s it is %s',
    async (nopreempt, end) => {
      // The address would stay for half a minute, so that it is the new run that takes it away.
      const config = (host: Host) =>
        fastPair(host, { instance: { state: 'BACKUP', nopreempt, vip_lease: 30 } });
      pair = await createPair({ config });
      const { a, b } = pair;
      await a.startDaemon();
      await b.startDaemon();
      await a.daemon.waitState('MASTER');
      a.daemon.process.kill('SIGKILL');
      await a.daemon.process.exited;
      await b.daemon.waitState('MASTER');
      expect(await a.host.holds(VIP)).toBe(true);

      const capture = await startCapture(pair.lab.client, {
        filter: `ether src ${a.host.mac} and ip proto 112`,
      });
      await a.startDaemon();
      await until('A let go', async () => !(await a.host.holds(VIP)), { timeout: 500, every: 2 });
      await a.daemon.waitLog(/INIT -> BACKUP: startup/);
      expect(await capture.frames()).toEqual([]);
      await sleep(1200);
      await a.daemon.waitState(end);
      await pair.waitHolder(end === 'MASTER' ? 'a' : 'b');
    },
  );

  test('when it had ended in good order: no trace of it, and a start like any other', async () => {
    pair = await createPair({ config: fastPair });
    const { a } = pair;
    await a.startDaemon();
    await a.daemon.waitState('MASTER');
    const record = join(a.host.runDirectory, 'control.state');
    await until('the record is there', () => existsSync(record));
    a.daemon.process.kill('SIGTERM');
    await a.daemon.process.exited;
    expect(existsSync(record)).toBe(false);
    await a.startDaemon();
    await a.daemon.waitLog(/INIT -> BACKUP: startup/);
  });
});

describe('what goes on with it', () => {
  test('the interface of use_vmac, the weights of its checks, and that the host was drained', async () => {
    pair = await createPair({ config: fastPair });
    const { a, b } = pair;
    const config = fastPair(a.host, {
      instance: { advert_int: 1, use_vmac: true, track_script: [{ name: 'slow', weight: 50 }] },
      sections: { vrrp_script: { slow: { script: ['sleep', '2'], interval: 5, timeout: 4 } }, proxy: {} },
    });
    const { proxy: _, ...instance } = (config.vrrp_instance as { VI_1: Record<string, unknown> }).VI_1;
    const { daemon, crash } = await superviseDaemon(a.host, { ...config, vrrp_instance: { VI_1: instance } });
    await startDaemon(b.host, fastPair(b.host, { instance: { advert_int: 1 } }));
    await daemon.waitState('MASTER');
    await daemon.waitLog(/script slow is up/);
    const index = async () =>
      (await a.host.exec(['ip', '-o', 'link', 'show', 'vrrp.51'])).stdout.split(':')[0];
    const before = await index();
    const capture = await startCapture(pair.lab.client, { filter: 'ip proto 112' });
    await capture.waitFrames('ip proto 112', 1);

    const killed = await crash();
    await daemon.waitLog(/INIT -> MASTER: restart/, { after: killed });
    expect(await index()).toBe(before);
    const [first] = (await capture.waitFrames('ip proto 112', 2)).filter(({ t }) => t > killed);
    // The priority of the first advertisement counts the script that has not run yet.
    expect(Number.parseInt(first!.hex.slice(72, 74), 16)).toBe(150);
    expect(monotonicNow() - killed).toBeLessThan(3000);

    await daemon.command('drain');
    await daemon.waitState('BACKUP');
    await crash();
    await daemon.waitLog(/drained, as the daemon was that ran before/, { after: killed });
    await until('it answers', () => daemon.status().then(({ drained }) => drained));
  });
});
