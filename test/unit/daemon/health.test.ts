/** Checks that come, go and change while others go on. A track_file is read at once, which makes it a handy check. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScriptConfig, TrackFileConfig } from '../../../src/config/config.ts';
import { type Checks, createHealth, type Health } from '../../../src/daemon/health.ts';
import type { User } from '../../../src/io/user.ts';
import { until } from '../../../src/lab/await.ts';

let directory: string;
let health: Health;
let gone: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-health-'));
  gone = [];
  health = createHealth({
    caches: { ready: () => Promise.resolve(), unfit: () => null },
    onResult() {},
    onPeer() {},
    onGone: (kind, name) => void gone.push(`${kind} ${name}`),
  });
});
afterEach(() => {
  health.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A file that is written anew whenever the check begins, so that one can see that it did. */
const file = (name: string, value = 0): TrackFileConfig => ({
  name,
  file: join(directory, name),
  initFile: { value, overwrite: true },
});
const script = (
  name: string,
  words: readonly string[],
  changes: Partial<ScriptConfig> = {},
): ScriptConfig => ({
  ...{ name, script: words, interval: 60_000, timeout: 5_000, fall: 1, rise: 1, initFail: false, user: null },
  ...changes,
});
const serve = (checks: Partial<Checks>, user?: User): void =>
  health.serve(
    { memcached: [], scripts: [], processes: [], trackFiles: [], instances: [], ...checks },
    () => user,
  );
const statusOf = (name: string) => health.status('script', name).status;
const become = (name: string, status: string) =>
  until(`${name} is ${status}`, () => statusOf(name) === status);

describe('a check that', () => {
  test('is as it was goes on undisturbed', () => {
    serve({ trackFiles: [file('a')] });
    writeFileSync(join(directory, 'a'), '7');
    serve({ trackFiles: [file('b'), file('a')] });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('7');
    expect(gone).toEqual([]);
  });

  test('is changed begins anew', () => {
    serve({ trackFiles: [file('a')] });
    serve({ trackFiles: [file('a', 3)] });
    expect(health.status('file', 'a')).toMatchObject({ status: 'down', value: 3 });
  });

  test('is taken away is told and asked for no more', () => {
    serve({ trackFiles: [file('a'), file('b')] });
    serve({ trackFiles: [file('b')] });
    expect(gone).toEqual(['file a']);
    expect(() => health.status('file', 'a')).toThrow('no file check named a');
    expect([...health.standings.keys()]).toEqual(['file b']);
  });

  test('is changed stands where it stood until its first result', async () => {
    serve({ scripts: [script('s', ['true'])] });
    expect(statusOf('s')).toBe('unknown');
    await become('s', 'up');
    serve({ scripts: [script('s', ['sh', '-c', 'sleep 0.2; exit 1'], { initFail: true })] });
    expect(statusOf('s')).toBe('up');
    await become('s', 'down');
  });

  test('runs as somebody else from now on begins anew, its last run is ended', async () => {
    serve({ scripts: [script('s', ['sh', '-c', `sleep 5; touch ${join(directory, 'ran')}`])] });
    serve({ scripts: [script('s', ['true'])] }, { uid: process.getuid!(), gid: process.getgid!() });
    await become('s', 'up');
  });
});

test('standings of a run that died a moment ago hold until the first results', async () => {
  health.inherit(new Map([['script s', { status: 'up', streak: 0, detail: '' }]]));
  serve({
    scripts: [script('s', ['sh', '-c', 'sleep 0.2; exit 1']), script('t', ['true'], { initFail: true })],
  });
  expect([statusOf('s'), statusOf('t')]).toEqual(['up', 'down']);
  await become('s', 'down');
});
