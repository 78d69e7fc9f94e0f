/** A child that outlives its parent, and how it is known again: a real process, ended by its pid at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecord, removeRecord, writeRecord } from '../../../src/io/child-record.ts';
import { startLastingChild } from '../../../src/io/lasting-child.ts';
import { identify, isAlive } from '../../../src/io/process-identity.ts';
import { until } from '../../../src/lab/await.ts';

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-child-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a child to its end; its lines and how it ended. */
function runToEnd(command: readonly string[]): Promise<{ lines: string[]; how: string }> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    startLastingChild({
      command,
      onLine: (line) => lines.push(line),
      onEnd: (how) => setTimeout(() => resolve({ lines, how }), 50), // its last lines may follow
    });
  });
}

describe('its output and its end are told', () => {
  test.each<[string, string[], string[], string]>([
    ['both outputs', ['sh', '-c', 'echo out; echo err >&2; exit 3'], ['out', 'err'], 'exit code 3'],
    ['words stay words', ['printf', '%s\n', 'a b', '$HOME', '"'], ['a b', '$HOME', '"'], 'exit code 0'],
    ['a signal', ['sh', '-c', 'kill -9 $$'], [], 'SIGKILL'],
  ])('%s', async (_, command, lines, how) => {
    const ended = await runToEnd(command);
    expect(ended.lines.toSorted()).toEqual(lines.toSorted());
    expect(ended.how).toBe(how);
  });

  test('a program that is not there', async () => {
    expect((await runToEnd(['no-such-program'])).how).toBe(
      'exit code 127, as when there is no program no-such-program',
    );
  });

  test('stop ends it and what it started', async () => {
    let how = '';
    const child = startLastingChild({
      command: ['sh', '-c', 'sleep 60 & wait'],
      onLine: () => {},
      onEnd: (text) => {
        how = text;
      },
    });
    await until('sh has its child', () => childrenOf(child.pid!).length === 1);
    const [sleeping] = childrenOf(child.pid!);
    child.stop();
    await until('both have ended', () => how !== '' && identify(sleeping!) === null);
    expect(how).toBe('SIGTERM');
  });
});

test('it goes on when its parent is killed, and a write to nobody does not end it', async () => {
  const program = join(directory, 'parent.mjs');
  await build({
    stdin: {
      contents: `import { startLastingChild } from './io/lasting-child.ts';
        const loop = 'while :; do echo x || echo refused >>"$0"; sleep 0.05; done';
        const child = startLastingChild({ command: ['sh', '-c', loop, process.argv[2]], onLine: () => {}, onEnd: () => {} });
        console.log(child.pid);`,
      resolveDir: SOURCES,
      loader: 'ts',
    },
    ...{ outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' },
  });
  const notes = join(directory, 'notes');
  writeFileSync(notes, '');
  const parent = spawn(process.execPath, [program, notes], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = identify(Number(text.toString()))!;
  try {
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until('its writes are refused', () => readFileSync(notes, 'utf8').includes('refused'));
    expect(isAlive(child)).toBe(true);
  } finally {
    process.kill(-child.pid, 'SIGKILL');
  }
  await until('it has ended', () => !isAlive(child));
});

describe('known again', () => {
  test('by pid, start time and boot', () => {
    const self = identify(process.pid)!;
    expect(self.pid).toBe(process.pid);
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, startTime: '1' })).toBe(false);
    expect(isAlive({ ...self, boot: 'another' })).toBe(false);
    expect(isAlive({ ...self, pid: process.ppid })).toBe(false);
    expect(identify(2 ** 22 + 1)).toBeNull(); // above any pid
  });

  test('a zombie is not alive', async () => {
    // The shell becomes a sleep, which waits for no child.
    const child = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    const zombie = Number(text.toString());
    try {
      await until('it is a zombie', () => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1')));
      expect(identify(zombie)).toBeNull();
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('through a file', () => {
    const file = join(directory, 'record.json');
    const record = { ...identify(process.pid)!, command: ['memcached', '-x', '{peer}'] };
    expect(readRecord(file)).toBeNull();
    writeRecord(file, record);
    expect(readRecord(file)).toEqual(record);
    removeRecord(file);
    removeRecord(file);
    expect(readRecord(file)).toBeNull();
    expect(() => writeRecord(join(directory, 'nowhere', 'record.json'), record)).toThrow('ENOENT');
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"pid":1}',
    '{"pid":"1","startTime":"1","boot":"b","command":[]}',
    '{"pid":1,"startTime":"1","boot":"b","command":[1]}',
  ])('not through %j', (text) => {
    const file = join(directory, 'broken.json');
    writeFileSync(file, text);
    expect(readRecord(file)).toBeNull();
  });
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}
