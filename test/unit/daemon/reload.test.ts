/** The order of a reload, what it tells, and that there is one at a time. */
import type { Logger } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { createMetrics } from '../../../src/daemon/metrics.ts';
import type { ReadConfig } from '../../../src/daemon/read-config.ts';
import { createReload, type ReloadPorts } from '../../../src/daemon/reload.ts';
import { configOf, MINIMAL, withInstanceLines } from '../config/sample.ts';

const BEFORE = configOf(MINIMAL);
const AFTER = configOf(withInstanceLines('priority: 150'));
const LINE = 'vrrp_instance VI_1: priority 100 -> 150';

/** A daemon that reads `files` in turn, the last one again and again; what it did and logged as lines. */
function daemon(files: readonly (ReadConfig | Error)[], changes: Partial<ReloadPorts> = {}) {
  const acts: string[] = [];
  let current: Config = BEFORE;
  let reads = 0;
  const say = (level: string) => (line: string) => void acts.push(`${level} ${line}`);
  const metrics = createMetrics('1.0');
  const reload = createReload({
    async read() {
      const file = files[Math.min(reads++, files.length - 1)]!;
      acts.push('read');
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (file instanceof Error) throw file;
      return file;
    },
    current: () => current,
    obstacles: () => [],
    async prepare(next) {
      acts.push('prepare');
      return async () => {
        acts.push('apply');
        current = next;
      };
    },
    metrics,
    log: { info: say('info'), error: say('error') } as unknown as Logger,
    ...changes,
  });
  const count = async (result: string) =>
    (await metrics.configReloads.get()).values.find(({ labels }) => labels.result === result)?.value;
  const good = async () => (await metrics.configGood.get()).values[0]?.value;
  return { acts, reload, count, good };
}
const file = (config: Config | null, ...problems: string[]): ReadConfig => ({ config, problems });

describe('a reload', () => {
  test('reads, makes ready, applies, and tells what changed', async () => {
    const { acts, reload, count, good } = daemon([file(AFTER, 'FILE:1:1: warning: x')]);
    expect(await reload()).toEqual({ refused: false, changes: [LINE], warnings: ['FILE:1:1: warning: x'] });
    expect(acts).toEqual([
      ...['read', 'prepare', 'apply'],
      ...[`info reload: ${LINE}`, 'info reload: FILE:1:1: warning: x', 'info reload: applied'],
    ]);
    expect([await count('applied'), await count('refused'), await good()]).toEqual([1, 0, 1]);
  });

  test('of a file that says the same touches nothing', async () => {
    const { acts, reload, count } = daemon([file(configOf(`# a comment\n${MINIMAL}`))]);
    expect(await reload()).toEqual({ refused: false, changes: [], warnings: [] });
    expect(acts).toEqual(['read', 'info reload: nothing changed']);
    expect(await count('unchanged')).toBe(1);
  });

  test.each<[string, ReadConfig | Error, Partial<ReloadPorts>, readonly string[]]>([
    [
      'a file that does not validate',
      file(null, 'FILE:2:3: a', 'FILE:4:5: b'),
      {},
      ['FILE:2:3: a', 'FILE:4:5: b'],
    ],
    ['a file that cannot be checked', new Error('no answer'), {}, ['no answer']],
    ['what needs a restart', file(AFTER), { obstacles: () => ['needs a restart'] }, ['needs a restart']],
    [
      'what this host has not',
      file(AFTER),
      { prepare: () => Promise.reject(new Error('no user x')) },
      ['no user x'],
    ],
  ])('refuses %s, and applies nothing of it', async (_title, read, changes, reasons) => {
    const { acts, reload, count, good } = daemon([read], changes);
    expect(await reload()).toEqual({ refused: true, reasons });
    expect(acts.filter((act) => act !== 'prepare')).toEqual([
      'read',
      ...reasons.map((reason) => `error reload: ${reason}`),
      'error reload: refused, nothing was changed',
    ]);
    expect([await count('applied'), await count('refused'), await good()]).toEqual([0, 1, 0]);
  });

  test('that is good makes up for one that was refused', async () => {
    const { reload, good } = daemon([file(null, 'x'), file(AFTER)]);
    await reload();
    expect(await good()).toBe(0);
    await reload();
    expect(await good()).toBe(1);
  });

  test('logs no more than so many lines of a file that is wrong in every line', async () => {
    const { acts, reload } = daemon([file(null, ...Array.from({ length: 200 }, (_, i) => `FILE:${i}:1: x`))]);
    await reload();
    expect(acts).toHaveLength(1 + 50 + 1);
    expect(acts.at(-1)).toBe('error reload: refused, nothing was changed, 150 lines more');
  });
});

describe('several at once', () => {
  test('one goes on, all that come meanwhile are one more, which reads the file again', async () => {
    const { acts, reload } = daemon([file(BEFORE), file(AFTER)]);
    const first = reload();
    const [second, third, fourth] = [reload(), reload(), reload()];
    expect(await first).toMatchObject({ changes: [] });
    expect(await second).toMatchObject({ changes: [LINE] });
    expect([await third, await fourth]).toEqual([await second, await second]);
    expect(acts.filter((act) => act === 'read')).toHaveLength(2);
    expect(await reload()).toMatchObject({ changes: [] });
  });
});
