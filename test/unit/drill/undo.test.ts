/** Undoing, on processes of our own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeUndo, undo } from '../../../src/drill/undo.ts';
import { identify } from '../../../src/io/process-identity.ts';
import { until } from '../../../src/lab/await.ts';

let child: ChildProcess;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mha-undo-'));
  child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

const end = async () => {
  child.kill('SIGKILL');
  await once(child, 'exit');
};
const isStopped = () => / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'));

describe('continue', () => {
  test('a process that is stopped goes on; one that is gone is no failure', async () => {
    const step = { type: 'continue', process: identify(child.pid!)! } as const;
    child.kill('SIGSTOP');
    await until('it is stopped', isStopped);
    expect(await undo([step])).toEqual([]);
    await until('it goes on', () => !isStopped());
    await end();
    expect(await undo([step])).toEqual([]);
    expect(describeUndo(step)).toBe(`SIGCONT to pid ${child.pid}`);
  });
});

describe('restart', () => {
  const step = (command: string) =>
    ({ type: 'restart', command, process: identify(child.pid!) ?? gone }) as const;
  const gone = { pid: 1, startTime: 'never', boot: 'none' };

  test('not while the process still runs', async () => {
    const mark = join(directory, 'mark');
    const early = step(`touch ${mark}`);
    expect(await undo([early])).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    await end();
    expect(await undo([early])).toEqual([]);
    expect(existsSync(mark)).toBe(true);
  });

  test('a command that goes on is good, one that fails at once is told', async () => {
    await end();
    const pid = join(directory, 'pid');
    expect(await undo([step(`echo $$ >${pid}; exec sleep 60`), step('exit 3')])).toEqual([
      'exit 3: ended with exit code 3',
    ]);
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
  });
});

test('one step that fails does not keep the next from being done', async () => {
  const mark = join(directory, 'mark');
  const link = { name: 'no-such-link0', ipv6: [], routes: [] };
  const gone = { pid: 1, startTime: 'never', boot: 'none' };
  const failed = await undo([
    { type: 'link-up', link },
    { type: 'restart', command: `touch ${mark}`, process: gone },
  ]);
  expect(failed).toEqual([expect.stringMatching(/no-such-link0/)]);
  expect(existsSync(mark)).toBe(true);
});
