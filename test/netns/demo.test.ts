import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/memcache-ha.cjs', import.meta.url));

let running: ChildProcess | null = null;

/** The demo as a user runs it, its output into a pipe. */
function startDemo(...options: string[]) {
  const child = spawn(process.execPath, [PROGRAM, 'demo', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  running = child;
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  return {
    /** What begins the names of its namespaces and of its directory. */
    name: `mhademo${child.pid}`,
    output: () => output,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
    shows: (text: string) =>
      until(`the demo shows ${text}`, () => output.includes(text), { timeout: 60_000 }).catch((error) => {
        throw new Error(`${error.message}\n${output}`);
      }),
  };
}

/** Namespaces, directories and processes of this demo that are still there. */
function remains(name: string): string[] {
  const named = (entries: readonly string[]) => entries.filter((entry) => entry.startsWith(name));
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
  return [
    ...named(existsSync('/run/netns') ? readdirSync('/run/netns') : []),
    ...named(readdirSync(tmpdir())),
    ...processes.filter((words) => words.includes(name)),
  ];
}

/** Every process in one of the demo's namespaces, whatever it is called. */
function inside(name: string): string[] {
  return readdirSync('/run/netns')
    .filter((entry) => entry.startsWith(name))
    .flatMap((namespace) =>
      execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
        .split('\n')
        .filter((pid) => pid !== ''),
    );
}

const isGone = (pid: string) => !existsSync(`/proc/${pid}`);

afterEach(async () => {
  if (running === null || running.exitCode !== null || running.signalCode !== null) return;
  // SIGTERM lets it clean up after itself, whatever the test was about.
  const ended = new Promise((resolve) => running?.on('close', resolve));
  running.kill('SIGTERM');
  await ended;
});

describe('the demo', () => {
  test('shows every failover, exits 0 and leaves nothing behind', async () => {
    const demo = startDemo();
    const code = await demo.ended;
    const output = demo.output();
    expect(code, output).toBe(0);
    for (const line of [
      /0 ms ┤ demo +kill -9 of memcached on A$/m,
      /ms ┤ A +its probe of memcached: connection refused$/m,
      /ms ┤ A +MASTER -> FAULT: memcached_down/m,
      /ms ┤ wire +A advertises priority 0, twice$/m,
      /ms ┤ B +BACKUP -> MASTER: master_resigned$/m,
      /ms ┤ B +the VIP 10\.9\.0\.250 is on eth0$/m,
      /ms ┤ wire +B announces the VIP: 5 gratuitous ARPs$/m,
      /ms ┤ A +let go of the VIP$/m,
      /ms ┤ B +sees the proxy listen on 10\.9\.0\.250:12000/m,
      /ms ┤ B +hook notify_master ran: success/m,
      /ms ┤ client +answered again, \d+ ms without$/m,
      /A new key written through the VIP is stored and read back at B\.$/m,
      /ms ┤ A +BACKUP -> MASTER: preempt$/m,
      /ms ┤ A +the proxy died \(SIGKILL\), starting it again in 0 ms$/m,
      /ms ┤ B +BACKUP -> MASTER: master_down$/m,
      /ms ┤ A +the daemon has ended, exit code 0$/m,
      /^All \d+ checks held, in \d+ s\.$/m,
    ]) {
      expect(output).toMatch(line);
    }
    expect(output).not.toContain('\x1b');
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    // The demo's last act is to kill its janitor; on a busy machine the kernel is not done with that at once.
    const isJanitor = (entry: string) => entry.includes('memcache-ha-demo-janitor');
    expect(remains(demo.name).filter((entry) => !isJanitor(entry))).toEqual([]);
    await until('the janitor is gone', () => remains(demo.name).length === 0, { timeout: 5000 });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 'SIGKILL'],
  ] as const)('%s in the middle of it: nothing is left', async (signal, code) => {
    const demo = startDemo();
    await demo.shows('MASTER is A; the VIP is on A.');
    const pids = inside(demo.name);
    expect(pids.length).toBeGreaterThan(5);
    demo.kill(signal);
    expect(await demo.ended).toBe(code);
    await until('all of it is gone', () => remains(demo.name).length === 0 && pids.every(isGone), {
      timeout: 5000,
    });
  });

  test('--keep: the commands that it prints work, and Ctrl-C removes all of it', async () => {
    const demo = startDemo('--keep');
    await demo.shows('Ctrl-C removes all of it.');
    const commands = demo.output().split('\n');
    const run = (pattern: RegExp) => {
      const command = commands.find((line) => pattern.test(line));
      if (command === undefined) throw new Error(`no command matches ${pattern}:\n${demo.output()}`);
      return execFileSync('bash', ['-c', command], { encoding: 'utf8', timeout: 10_000 });
    };
    expect(run(/ status --control \S*\/a\//)).toMatch(/^VI_1 {2}MASTER/m);
    expect(run(/ status --control \S*\/b\//)).toMatch(/^VI_1 {2}BACKUP/m);
    expect(run(/\/metrics/)).toContain('memcache_ha_vrrp_state{instance="VI_1",state="MASTER"} 1');
    expect(run(/-a ip -br addr/)).toContain('10.9.0.250/32');
    expect(run(/-b ip -br addr/)).not.toContain('10.9.0.250/32');
    expect(run(/dev\/tcp/)).toContain('right');
    run(/^ {2}kill -9 /);
    await until('B is MASTER', () => /^VI_1 {2}MASTER/m.test(run(/ status --control \S*\/b\//)), {
      every: 200,
    });
    expect(run(/ status --control \S*\/a\//)).toMatch(/^VI_1 {2}FAULT/m);

    const pids = inside(demo.name);
    demo.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    await until('all of it is gone', () => remains(demo.name).length === 0 && pids.every(isGone), {
      timeout: 5000,
    });
  });
});
