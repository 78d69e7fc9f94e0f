/** `memcache-ha drill` on a live pair in the lab: real faults, measured and undone. */
import { copyFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM, PROGRAM_FILES } from '../../build.mjs';
import type { DrillReport } from '../../src/drill/report/report.ts';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { ask, memcachedUser } from '../../src/lab/programs.ts';
import { bundledPair } from './support/bundled.ts';
import { controlOf, MEMCACHE_HA } from './support/daemon.ts';
import { measured } from './support/measured.ts';
import { type Config, type Member, type Pair, PROXY, startPair } from './support/pair.ts';

/** The bundled proxy's pair; each host shows its status to the other one. */
function config(host: Host): Config {
  const seen = { metrics: { listen: `${host.address}:9650` }, router_id: host.name.toUpperCase() };
  return bundledPair(host, { run: 'always' }, { sections: { global_defs: seen } });
}

let pair: Pair;
beforeAll(async () => {
  pair = await startPair({ config });
});
afterAll(() => pair?.destroy());

const other = ({ host }: Member): Member => (host.name === 'a' ? pair.b : pair.a);

/** Starts a drill on a host, with the ways to both daemons added. */
function startDrill(member: Member, ...words: readonly string[]): LabProcess {
  const { host } = member;
  const ways = ['--control', controlOf(host), '--peer', `${other(member).host.address}:9650`];
  return host.spawn([...MEMCACHE_HA, 'drill', ...words, ...ways]);
}

interface Ended {
  readonly code: number | null;
  /** What it said, first to people and then as its answer. */
  readonly output: string;
}

async function ended(drill: LabProcess): Promise<Ended> {
  const { code } = await drill.exited;
  return { code, output: `${drill.stderr.text()}\n${drill.stdout.text()}` };
}

/** A whole drill, with its report. */
async function drill(member: Member, ...words: readonly string[]): Promise<Ended & { report: DrillReport }> {
  const file = join(member.host.directory, 'drill.json');
  const { code, output } = await ended(startDrill(member, ...words, '--yes', '--report', file));
  if (process.env.SHOW_DRILLS !== undefined) console.log(output);
  const report = JSON.parse(readFileSync(file, 'utf8')) as DrillReport;
  measured(`${report.fault} on the ${report.role}, ms without an answer`, report.outage.longest_ms ?? -1);
  return { code, output, report };
}

/** `T` while it is stopped; see proc(5), field 3 of stat. */
const processState = (pid: number): string | undefined =>
  /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];

const changesOf = ({ states }: DrillReport, label: string): string[] =>
  states.find((one) => one.label === label)!.changes.map(({ state }) => state);

/** A is MASTER and B is BACKUP, as before every drill. */
const isAsBefore = async () => {
  await pair.waitHolder('a');
  await pair.b.daemon.waitState('BACKUP');
};

describe('on the MASTER', () => {
  test('hang-memcached: the peer takes over, and memcached goes on afterwards', async () => {
    const { code, output, report } = await drill(pair.a, 'hang-memcached', '--max-outage', '5');
    expect(code, output).toBe(0);
    expect(report).toMatchObject({ outcome: 'good', role: 'MASTER', expectation: 'failover', reasons: [] });
    expect(changesOf(report, 'peer')).toEqual(['BACKUP', 'MASTER', 'BACKUP']);
    expect(changesOf(report, 'here')).toEqual(['MASTER', 'FAULT', 'BACKUP', 'MASTER']);
    expect(report.outage.fault_ms).toBeGreaterThan(20);
    expect(report.client!.misses).toBe(0);
    const lines = output.split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/ 0 ms ┤ drill +SIGSTOP to memcached local/));
    expect(lines).toContainEqual(expect.stringMatching(/ ms ┤ peer +BACKUP -> MASTER {2}master_resigned/));
    await isAsBefore();
    const left = await ask(pair.lab.client, PROXY, `get ${/memcache-ha:drill:\w+/.exec(output)![0]}`);
    expect(left).toBe('END');
  });

  test('an outage that is longer than allowed is exit code 1', async () => {
    const { code, report } = await drill(pair.a, 'kill-proxy', '--max-outage', '0.001');
    expect(report).toMatchObject({ expectation: 'in-place', outage: { max_ms: 1 } });
    expect(changesOf(report, 'here')).toEqual(['MASTER']);
    // A quick machine may have been without an answer for less than the client tells.
    expect(code).toBe(report.outage.longest_ms === 0 ? 0 : 1);
    if (code === 1) expect(report.reasons).toEqual([expect.stringMatching(/more than 1\.0 ms$/)]);
    await isAsBefore();
  });

  test('cut-link: the routes are there again, and the outage is what the other host tells', async () => {
    const { host } = pair.a;
    await host.exec(['ip', 'route', 'add', '10.77.0.0/16', 'via', pair.b.host.address, 'metric', '7']);
    const { code, output, report } = await drill(pair.a, 'cut-link', '--max-outage', '5');
    expect(code, output).toBe(0);
    expect(report.outage.measured).toMatch(
      /^with its link down this host sees nothing: from the fault until/,
    );
    // Three adverts of 200 ms, and a machine that is busy.
    expect(report.outage.longest_ms).toBeGreaterThan(400);
    expect(report.outage.longest_ms).toBeLessThan(3000);
    expect(changesOf(report, 'peer')).toContain('MASTER');
    const { stdout } = await host.exec(['ip', 'route', 'show', '10.77.0.0/16']);
    expect(stdout.trim()).toBe(`10.77.0.0/16 via ${pair.b.host.address} dev eth0 metric 7`);
    await isAsBefore();
  });

  test('hang-agent, and the drill itself is killed: it is undone all the same', async () => {
    const { pid } = await pair.a.daemon.status();
    const running = startDrill(pair.a, 'hang-agent', '--yes');
    await until('the daemon hangs', () => processState(pid) === 'T');
    running.kill('SIGKILL');
    await running.exited;
    await until('the daemon goes on', () => processState(pid) !== 'T');
    await isAsBefore();
  });
});

describe('on the BACKUP', () => {
  test('kill-memcached: clients feel nothing, the address stays, and --restart brings it back', async () => {
    const restart = `setpriv --reuid ${memcachedUser()} memcached -l 0.0.0.0 -p 11211`;
    const { code, output, report } = await drill(pair.b, 'kill-memcached', '--restart', restart);
    expect(code, output).toBe(0);
    expect(report).toMatchObject({ outcome: 'good', role: 'BACKUP', expectation: 'unfelt' });
    expect(changesOf(report, 'peer')).toEqual(['MASTER']);
    expect(changesOf(report, 'here')).toEqual(['BACKUP', 'FAULT', 'BACKUP']);
    await isAsBefore();
  });

  test('Ctrl-C in the middle: everything is undone', async () => {
    const file = join(pair.b.host.directory, 'interrupted.json');
    const running = startDrill(pair.b, 'hang-agent', '--yes', '--report', file);
    const { pid } = await pair.b.daemon.status();
    await until('the daemon hangs', () => processState(pid) === 'T');
    running.kill('SIGINT');
    const { code, output } = await ended(running);
    expect(code, output).toBe(130);
    expect(processState(pid)).not.toBe('T');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ outcome: 'interrupted' });
    expect(output).toContain('SIGINT; everything was undone');
    await isAsBefore();
  });
});

describe('what is refused, with nothing done', () => {
  const refused = async (member: Member, ...words: string[]) => ended(startDrill(member, ...words));
  const elections = async () =>
    Promise.all([pair.a, pair.b].map(async ({ daemon }) => (await daemon.instance()).transitions));

  test('each with its reason and what to do about it', async () => {
    const before = await elections();
    const cases: [Ended, RegExp][] = [
      [
        await refused(pair.a, 'kill-memcached', '--yes'),
        /nothing is known to start memcached local[\s\S]*--restart/,
      ],
      [await refused(pair.b, 'kill-proxy', '--yes'), /this host is BACKUP: drill it on the other host/],
      [
        await refused(pair.a, 'hang-agent', '--yes', '--target', `${pair.a.host.address}:9`),
        /nothing was done: no right answer at 10\.9\.0\.101:9/,
      ],
    ];
    for (const [{ code, output }, message] of cases) {
      expect(output).toMatch(message);
      expect(code, output).toBe(1);
    }
    expect(await elections()).toEqual(before);
  });

  test('by somebody who has no rights', async () => {
    const { host } = pair.a;
    // Where everybody may read it.
    for (const file of PROGRAM_FILES)
      copyFileSync(join(dirname(MEMCACHE_HA.at(-1)!), file), join(host.directory, file));
    const program = join(host.directory, PROGRAM);
    const words = [process.execPath, program, 'drill', 'hang-agent', '--yes', '--control', controlOf(host)];
    const somebody = await ended(host.spawn(words, { user: memcachedUser() }));
    expect(somebody.output).toMatch(/may not open .*control\.sock: it is for the user root; use sudo/);
    expect(somebody.code).toBe(1);
  });

  test('while the pair is not well', async () => {
    await pair.b.daemon.command('drain');
    const { code, output } = await refused(pair.a, 'hang-agent', '--yes');
    await pair.b.daemon.command('resume');
    expect(output).toMatch(/the pair is not well[\s\S]*peer: it is drained/);
    expect(code).toBe(1);
    await isAsBefore();
  });
});

test('stop-agent on the MASTER: the peer takes over, and --restart starts it again', async () => {
  const start = `${MEMCACHE_HA.join(' ')} run --config ${pair.a.daemon.file} >/dev/null 2>&1`;
  const { code, output, report } = await drill(pair.a, 'stop-agent', '--restart', start);
  expect(code, output).toBe(0);
  expect(changesOf(report, 'peer')).toEqual(['BACKUP', 'MASTER', 'BACKUP']);
  expect(changesOf(report, 'here')).toContain('silent');
  await pair.waitHolder('a');
});
