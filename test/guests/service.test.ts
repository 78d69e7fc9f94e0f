/**
 * The package as an administrator has it, in two booted Debians: what each thing that systemd, dpkg or a fault does to the
 * MASTER costs a client that asks once per millisecond, and whom it elects. Each test leaves the pair whole, A as MASTER.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { watchHolding } from '../netns/support/holding.ts';
import { type Course, courseOf, type Row } from './support/course.ts';
import { NEXT_VERSION, packageFile, VERSION } from './support/packages.ts';
import { PACKAGES, type Pair, startPair } from './support/pair.ts';
import { CONFIG, type Service } from './support/service.ts';
import { configFor, SETTINGS, VIP } from './support/settings.ts';

/** A daemon that dies again within ten seconds is started again later, and then the other host is faster. */
const DEATHS_APART = 10_500;

/** The same again until nobody is elected, `times` at most: a machine that is busy with other things starts it too late. */
async function bestOf(times: number, measure: () => Promise<Row>): Promise<Row> {
  let row = await measure();
  for (let time = 1; time < times && row.elected.length > 0; time++) row = await measure();
  return row;
}

describe.each(['tutorial', 'tuned'] as const)('%s', (name) => {
  const setting = SETTINGS[name];
  // With advertisements each second there is time to go on as MASTER; with ten in a second the other host is faster.
  const inPlace = name === 'tutorial';
  const tries = inPlace ? 3 : 1;
  let pair: Pair;
  let course: Course;
  let a: Service;
  let b: Service;

  beforeAll(async () => {
    pair = await startPair(packageFile(VERSION), setting);
    course = courseOf(pair);
    ({ a, b } = pair.services);
  });
  afterAll(async () => {
    if (course !== undefined) console.table(course.rows.map(({ transitions: _, ...row }) => row));
    await pair?.destroy();
  });
  const waitHolder = (wanted: Service) =>
    until(`${wanted.guest.host.name} holds the address`, () => wanted.guest.host.holds(VIP), {
      timeout: 30_000,
    });
  const restarts = async () => Number(await a.property('NRestarts'));

  test('the daemon is not root, and its unit is tight', async () => {
    for (const { guest, mainPid } of [a, b]) {
      const user = await guest.sh(`ps -o user= -p ${await mainPid()}`);
      expect(user).toBe('memcache-ha');
      const verdict = await guest.sh('systemd-analyze security --no-pager memcache-ha | tail -1');
      const exposure = Number(/exposure level for memcache-ha\.service: ([\d.]+)/i.exec(verdict)?.[1]);
      process.stdout.write(`measured: systemd-analyze security memcache-ha: ${exposure}\n`);
      expect(exposure).toBeLessThanOrEqual(2.5);
    }
  });

  test('systemctl stop hands over; systemctl start takes the address back', async () => {
    const { elected, gap } = await course.measure('systemctl stop, then start', async () => {
      await a.guest.sh('systemctl stop memcache-ha');
      await waitHolder(b);
      expect(await a.guest.host.holds(VIP)).toBe(false);
      await a.guest.sh('systemctl start memcache-ha');
    });
    expect(elected.toSorted()).toEqual(['a', 'b']);
    expect(gap).toBeLessThan(1500);
  });

  test('systemctl restart', async () => {
    const { gap } = await course.measure('systemctl restart', () =>
      a.guest.sh('systemctl restart memcache-ha'),
    );
    expect(gap).toBeLessThan(1500);
  });

  test('kill -9: started again in its place', async () => {
    const row = await bestOf(tries, async () => {
      await sleep(DEATHS_APART);
      const before = await restarts();
      return course.measure('kill -9 the daemon', async () => {
        await a.guest.sh(`kill -9 ${await a.mainPid()}`);
        await until('systemd has started it again', async () => (await restarts()) === before + 1, {
          every: 100,
        });
      });
    });
    expect(row.gap).toBeLessThan(2500);
    if (inPlace) expect(row.elected).toEqual([]);
  });

  test('SIGSTOP: the kernel takes the address, the peer takes over, the watchdog starts it again', async () => {
    await sleep(DEATHS_APART);
    const before = await restarts();
    const [atA, atB] = await Promise.all([a, b].map(({ guest }) => watchHolding(guest.host, VIP)));
    const { gap, elected } = await course.measure('SIGSTOP the daemon', async () => {
      await a.guest.sh(`kill -STOP ${await a.mainPid()}`);
      await waitHolder(b);
      await until('the lease took it from A', async () => !(await a.guest.host.holds(VIP)));
      await until('the watchdog has started it again', async () => (await restarts()) === before + 1, {
        timeout: 30_000,
        every: 100,
      });
    });
    expect(elected.toSorted()).toEqual(['a', 'b']);
    expect(gap).toBeLessThan(6000);
    const gone = atA!.changes.find(({ held }) => !held)!.t;
    const taken = atB!.changes.find(({ held }) => held)!.t;
    process.stdout.write(`measured: SIGSTOP: on both hosts for ${Math.max(0, gone - taken).toFixed(0)} ms\n`);
    // The shortest lease is one second, and the kernel looks a third of a second late.
    expect(gone - taken).toBeLessThan(name === 'tutorial' ? 200 : 1500);
  });

  test('systemctl reload with a change: in force, and nobody notices', async () => {
    const { gap, elected } = await course.measure('systemctl reload', async () => {
      a.configure(configFor(a.guest.host, setting, { garp_master_delay: 7 }));
      await a.guest.sh('systemctl reload memcache-ha');
    });
    expect(elected).toEqual([]);
    expect(gap).toBeLessThan(500);
  });

  test('systemctl reload with a mistake: refused with its place, and nothing changes', async () => {
    const { gap, elected } = await course.measure('systemctl reload, with a mistake', async () => {
      a.configure(configFor(a.guest.host, setting, { priorty: 10 }));
      const { code } = await a.guest.exec(['systemctl', 'reload', 'memcache-ha'], { allowFailure: true });
      expect(code).not.toBe(0);
      const said = await a.guest.sh('journalctl --quiet --output=cat --unit=memcache-ha | tail -5');
      expect(said).toMatch(/memcache-ha\.yaml:\d+:\d+: .*priorty/);
      expect(await a.property('ActiveState')).toBe('active');
      a.configure(configFor(a.guest.host, setting));
      await a.guest.sh('systemctl reload memcache-ha');
    });
    expect(elected).toEqual([]);
    expect(gap).toBeLessThan(500);
  });

  test('reboot of the MASTER', async () => {
    const { elected, gap } = await course.measure('systemctl reboot', () => a.guest.reboot());
    expect(elected.toSorted()).toEqual(['a', 'b']);
    expect(gap).toBeLessThan(2500);
  });

  test('power off without a word', async () => {
    const { elected, gap } = await course.measure('power cut, then on', async () => {
      await a.guest.cutPower();
      await waitHolder(b);
      await a.guest.boot();
    });
    expect(elected.toSorted()).toEqual(['a', 'b']);
    expect(gap).toBeLessThan(8000);
  });

  test('upgrade of the package: goes on in place, the edited file is kept', async () => {
    const edited = await a.guest.sh(`md5sum <${CONFIG}`);
    const install = async ({ guest, status }: Service, version: string) => {
      const words = [
        'apt-get',
        'install',
        '-qq',
        '-y',
        '--allow-downgrades',
        `${PACKAGES}/${packageFile(version)}`,
      ];
      await guest.exec(words, { deadline: 120_000 });
      await until('the new daemon runs', async () => (await status()).version === version);
    };
    for (const service of [b, a]) {
      let version = VERSION;
      const row = await bestOf(tries, async () => {
        await sleep(DEATHS_APART);
        version = version === VERSION ? NEXT_VERSION : VERSION;
        return course.measure(`${service.guest.host.name}: to ${version}`, () => install(service, version));
      });
      if (inPlace || service === b) expect(row.elected).toEqual([]);
      expect(row.gap).toBeLessThan(2500);
    }
    expect(await a.guest.sh(`md5sum <${CONFIG}`)).toBe(edited);
  });

  test('remove hands over and keeps the configuration; purge leaves nothing', async () => {
    const { guest } = a;
    const client = await pair.ask();
    await guest.sh('apt-get remove -qq -y memcache-ha');
    await waitHolder(b);
    expect(await guest.host.holds(VIP)).toBe(false);
    expect(await guest.sh('ps -eo user,args | grep "[m]emcache-ha" || true')).toBe('');
    expect(await guest.sh(`ls ${CONFIG}`)).toBe(CONFIG);
    await client.waitAnswer(0);
    expect((await client.stop()).longestGap).toBeLessThan(1500);
    await guest.sh('apt-get purge -qq -y memcache-ha');
    const left =
      'find / -xdev -name "*memcache-ha*" -not -path "/proc/*" -not -path "/srv/*" -not -path "/var/log/journal/*"';
    expect(await guest.sh(left)).toBe('');
    expect(await guest.sh('getent passwd memcache-ha || true')).toBe('');
    expect(await guest.sh('systemctl list-unit-files --no-legend "memcache-ha*" || true')).toBe('');
  });
});
