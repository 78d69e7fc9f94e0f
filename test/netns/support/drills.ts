/** The drills: each takes a pair that has elected A, breaks something, and says what must become of it. */
import { expect } from 'vitest';
import { until } from '../../../src/lab/await.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import {
  B_MASTER,
  type Course,
  comesBack,
  ELECTED,
  failsOver,
  gapDuring,
  MARGIN,
  serves,
  told,
  truth,
} from './course.ts';
import { watchHolding } from './holding.ts';
import { measured } from './measured.ts';
import { PROXY_PORT, VIP } from './pair.ts';

export interface Drill {
  readonly title: string;
  /** Only for pairs with a proxy. */
  readonly ofProxy?: true;
  readonly run: (course: Course) => Promise<void>;
}

/** Both tutorials' daemons wait this many ms for a successor to be heard: 3 × advert_int + 1 s. */
const NO_SUCCESSOR = 4000;

const killed: Drill = {
  title: 'memcached is killed: B serves within Skew_Time; it comes back',
  run: async (course) => {
    const { a, b } = course.pair;
    const begun = monotonicNow();
    await failsOver(course, 'memcached killed', course.drilled.skew, () => a.memcached.kill('SIGKILL'));
    await a.daemon.waitLog(/^memcached local is down/, { after: begun });
    const { status } = await truth(course, a, { state: 'FAULT', master: b, memcachedUp: false });
    expect(status.instances[0]!.faults).toEqual([
      { kind: 'memcached', name: 'local', detail: 'connection refused' },
    ]);
    const words = { a: [...ELECTED.a, 'Fault'], b: B_MASTER };
    await told(course, words);
    await comesBack(course, 'memcached back', words, () => a.startMemcached());
  },
};

const hangs: Drill = {
  title: 'memcached hangs: its timeout finds it, which no script of the tutorials does; it goes on',
  run: async (course) => {
    const { drilled } = course;
    const { a, b } = course.pair;
    const limit = drilled.hang.found + drilled.skew;
    await failsOver(course, 'memcached hangs', limit, () => a.memcached.kill('SIGSTOP'));
    const { status } = await truth(course, a, { state: 'FAULT', master: b, memcachedUp: false });
    expect(status.instances[0]!.faults).toEqual([
      { kind: 'memcached', name: 'local', detail: drilled.hang.detail },
    ]);
    const words = { a: [...ELECTED.a, 'Fault'], b: B_MASTER };
    await told(course, words);
    await comesBack(course, 'memcached goes on', words, () => a.memcached.kill('SIGCONT'));
  },
};

const bothDown: Drill = {
  title: 'both memcacheds are killed: nobody has the address; they come back one by one',
  run: async (course) => {
    const { pair, drilled } = course;
    const { a, b } = pair;
    await gapDuring(course, "the BACKUP's memcached killed", 0, async () => {
      b.memcached.kill('SIGKILL');
      await truth(course, b, { state: 'FAULT', master: a, memcachedUp: false });
      await serves(course, a);
    });
    const begun = monotonicNow();
    a.memcached.kill('SIGKILL');
    await a.daemon.waitState('FAULT');
    await until('nobody has the address', async () => (await pair.holders()).length === 0);
    const free = monotonicNow() - begun;
    measured(`${drilled.name}: both memcacheds killed, until nobody has the address`, free);
    expect(free).toBeLessThan(NO_SUCCESSOR + MARGIN);
    for (const member of [a, b]) {
      await truth(course, member, { state: 'FAULT', master: null, memcachedUp: false });
    }
    await told(course, { a: [...ELECTED.a, 'Fault'], b: [...ELECTED.b, 'Fault'] });
    await b.startMemcached();
    await serves(course, b);
    const words = { a: [...ELECTED.a, 'Fault'], b: [...ELECTED.b, 'Fault', 'Backup', 'Master'] };
    await told(course, words);
    await comesBack(course, 'both memcacheds back', words, () => a.startMemcached());
  },
};

const linkDown: Drill = {
  title: 'the link goes down: A lets go at once, B serves within Master_Down_Interval; the link comes back',
  run: async (course) => {
    const { a } = course.pair;
    await failsOver(course, 'link down', course.drilled.masterDown, async () => {
      await a.host.linkDown();
      await a.daemon.waitState('FAULT');
      await until('A let go', async () => !(await a.host.holds(VIP)), { timeout: MARGIN });
    });
    expect(await a.host.listens(PROXY_PORT)).toBe(false);
    expect((await a.daemon.instance()).faults[0]).toMatchObject({ kind: 'interface', name: 'eth0' });
    const words = { a: [...ELECTED.a, 'Fault'], b: B_MASTER };
    await told(course, words);
    await comesBack(course, 'link up', words, () => a.host.linkUp());
  },
};

const terminated: Drill = {
  title: 'SIGTERM: address and proxy are handed over, exit 0, nothing is left',
  run: async (course) => {
    const { a } = course.pair;
    await failsOver(course, 'SIGTERM', course.drilled.skew, async () => {
      a.daemon.process.kill('SIGTERM');
      expect(await a.daemon.process.exited).toEqual({ code: 0, signal: null });
    });
    expect(await a.host.listens(PROXY_PORT)).toBe(false);
    // memcached is all that still runs there.
    expect(a.host.pids()).toEqual([a.memcached.pid]);
    await told(course, { a: [...ELECTED.a, 'Stop'], b: B_MASTER });
  },
};

const powerOff: Drill = {
  title: 'the power goes: B serves within Master_Down_Interval',
  run: async (course) => {
    const { a } = course.pair;
    await failsOver(course, 'power off', course.drilled.masterDown, () => a.host.powerOff());
    await told(course, { a: ELECTED.a, b: B_MASTER });
  },
};

/** kill -9 or SIGSTOP of the daemon: the kernel takes the address away before B has it. */
async function losesItsDaemon(course: Course, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  const { a, b } = course.pair;
  const [onA, onB] = await Promise.all([watchHolding(a.host, VIP), watchHolding(b.host, VIP)]);
  // Each renewal is seen.
  await until('A renews its lease', () => onA.now());
  await failsOver(course, `${signal} to the daemon`, course.drilled.masterDown, () =>
    a.daemon.process.kill(signal),
  );
  const [gone, taken] = [onA.changes.at(-1)!, onB.changes[0]!];
  expect([gone.held, taken.held]).toEqual([false, true]);
  measured(`${course.drilled.name}: ${signal} to the daemon, nobody had the address for`, taken.t - gone.t);
  expect(gone.t).toBeLessThan(taken.t);
}

const daemonKilled: Drill = {
  title: 'kill -9 of the daemon: the kernel takes its address away before B has it, its proxy dies',
  run: async (course) => {
    const { a } = course.pair;
    await losesItsDaemon(course, 'SIGKILL');
    expect(a.host.pids().filter((pid) => pid !== a.memcached.pid)).toHaveLength(WATCHERS);
    await told(course, { a: ELECTED.a, b: B_MASTER });
  },
};

const daemonStopped: Drill = {
  title: 'SIGSTOP of the daemon: the same; when it wakes it listens before it speaks',
  run: async (course) => {
    const { a } = course.pair;
    await losesItsDaemon(course, 'SIGSTOP');
    await comesBack(course, 'SIGCONT', { a: ELECTED.a, b: B_MASTER }, async () => {
      a.daemon.process.kill('SIGCONT');
      await a.daemon.waitLog(/MASTER -> BACKUP: overslept/);
      expect(await course.pair.holders()).toEqual(['b']);
    });
  },
};

const proxyKilled: Drill = {
  title: 'kill -9 of the proxy: it is back after its start-up, with no election',
  ofProxy: true,
  run: async (course) => {
    const { a, b } = course.pair;
    const before = await a.proxyPid();
    const elections = (await b.daemon.instance()).transitions;
    const began = monotonicNow();
    // 100 ms and the proxy's own start-up, which is told below.
    await gapDuring(course, 'the proxy killed', 100, async () => {
      process.kill(before, 'SIGKILL');
      await until('another proxy listens', async () => (await a.proxyPid()) !== before);
    });
    const { ms } = await a.daemon.waitLog(/^proxy front listens/, { after: began });
    measured(`${course.drilled.name}: the proxy killed, its start-up`, Number(ms));
    const { status, scrape } = await truth(course, a, { state: 'MASTER', master: a });
    expect(status.proxies[0]).toMatchObject({ restarts: 1 });
    expect(scrape.value('memcache_ha_proxy_restarts_total', { name: 'front' })).toBe(1);
    expect((await b.daemon.instance()).transitions).toEqual(elections);
  },
};

const proxyCannotStart: Drill = {
  title: 'a proxy that cannot start on A: five deaths are a fault that says why, and B serves',
  ofProxy: true,
  run: async (course) => {
    const { a, b } = course.pair;
    a.daemon.process.kill('SIGTERM');
    await a.daemon.process.exited;
    await serves(course, b);
    a.host.spawn(['memcached', '-u', 'nobody', '-l', '0.0.0.0', '-p', String(PROXY_PORT)]);
    await until('somebody else has the port', () => a.host.listens(PROXY_PORT));
    await a.startDaemon();
    const { msg } = await a.daemon.waitLog(/^MASTER -> FAULT: proxy_failed/);
    expect(msg).toMatch(/proxy front: keeps dying .*given up for 1 min/);
    await serves(course, b);
    const { portTaken } = course.drilled;
    if (portTaken !== null) {
      const said = a.daemon.log().filter(({ msg }) => msg.startsWith('proxy front says: '));
      expect(said.some((line) => portTaken.test(line.msg))).toBe(true);
    }
    await truth(course, a, { state: 'FAULT', master: b });
    const { transitions } = await truth(course, b, { state: 'MASTER', master: b });
    expect(transitions[0]).toBe('BACKUP MASTER master_resigned');
  },
};

/** The monitors of `losesItsDaemon`, which are no child of the daemon. */
const WATCHERS = 1;

/** The longest first, because several run at a time. */
export const DRILLS = {
  bothDown,
  hangs,
  daemonStopped,
  killed,
  linkDown,
  proxyCannotStart,
  daemonKilled,
  powerOff,
  terminated,
  proxyKilled,
} as const;
