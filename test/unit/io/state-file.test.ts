/** The file that one run leaves to the next: whole at any time, written seldom, gone when it is removed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sinceBoot } from '../../../src/io/boot.ts';
import { openStateFile, readStateFile, type StateFileOptions } from '../../../src/io/state-file.ts';
import { until } from '../../../src/lab/await.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-state-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(options: Partial<StateFileOptions> = {}) {
  const path = join(directory, 'x.state');
  const errors: Error[] = [];
  let said = 0;
  const file = openStateFile({
    path,
    content: () => ({ said: ++said }),
    pause: () => 0,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { path, errors, file, written: () => said };
}

describe('the file', () => {
  test('says what it said last, for its owner only, and leaves nothing beside it', async () => {
    const { path, file, written } = open();
    file.changed();
    await until('it is written', () => readStateFile(path) !== null);
    file.changed();
    await until('it is written again', () => (readStateFile(path) as { said: number }).said === 2);
    expect(written()).toBe(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['x.state']);
  });

  test('is written at once after a pause, and then no oftener than told, but never too little', async () => {
    let value = 0;
    const { path, file } = open({ pause: () => 200, content: () => ({ value }) });
    const begun = performance.now();
    file.changed();
    await until('the first is written', () => readStateFile(path) !== null, { every: 2 });
    expect(performance.now() - begun).toBeLessThan(150);
    for (value = 1; value < 50; value++) file.changed();
    await until('the last is written', () => (readStateFile(path) as { value: number }).value === 50);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(199);
  });

  test('is gone when it is removed, whatever was to be written', async () => {
    const { file } = open();
    file.changed();
    await sleep(1);
    file.changed();
    await file.remove();
    file.changed();
    await sleep(20);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a shorter text leaves nothing of a longer one', async () => {
    let text = 'x'.repeat(5000);
    const { path, file } = open({ content: () => text });
    file.changed();
    await until('it is written', () => readStateFile(path) === text);
    text = 'y';
    file.changed();
    await until('it is written again', () => readStateFile(path) === 'y');
  });

  test('takes the place of a predecessor’s, whoever might write to that', async () => {
    const { path, file } = open();
    writeFileSync(path, '{"said": 99, "much": "more"}', { mode: 0o666 });
    file.changed();
    await until('it is written', () => (readStateFile(path) as { said: number }).said === 1);
    expect(readStateFile(path)).toEqual({ said: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written is told of once, and tried again', async () => {
    let tries = 0;
    const pause = () => {
      tries += 1;
      return 0;
    };
    const { file, errors } = open({ path: join(directory, 'missing', 'x.state'), pause });
    for (let i = 1; i <= 3; i++) {
      file.changed();
      await until('it was tried', () => tries === i && errors.length > 0);
      await sleep(5);
    }
    expect(errors.length).toBe(1);
  });

  test('that is none is read as nothing', () => {
    expect(readStateFile(join(directory, 'none'))).toBeNull();
  });
});

test('the time since the boot is the kernel’s monotonic clock', () => {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  expect(sinceBoot()).toBeLessThan(uptime + 1000); // the uptime also counts while the machine sleeps
  expect(sinceBoot()).toBeGreaterThan(0);
});
