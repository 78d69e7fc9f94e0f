/** README's Install section on two bare Debians, every command as printed: a pair in how long? */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startClient } from '../../src/lab/client.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import type { Guest } from './support/guest.ts';
import { packageFile, VERSION } from './support/packages.ts';
import { bootGuests, DIST, type Guests, LAB_CLIENT } from './support/pair.ts';
import { installBlocks } from './support/readme.ts';
import { CONFIG, serviceIn } from './support/service.ts';
import { TARGET } from './support/settings.ts';

let guests: Guests;
beforeAll(async () => {
  guests = await bootGuests();
});
afterAll(() => guests?.destroy());

/** Types what is printed; where an editor is opened, the printed file is what it leaves. */
async function follow(guest: Guest, name: 'a' | 'b'): Promise<void> {
  const blocks = installBlocks(name);
  const file = blocks.find(({ language }) => language === 'yaml')?.text ?? '';
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n').filter((line) => line !== ''));
  for (const line of lines) {
    if (line === `sudo nano ${CONFIG}`) {
      writeFileSync(guest.path(CONFIG), file);
      continue;
    }
    process.stdout.write(`${name}# ${line}\n`);
    // A person answers apt's question with Enter.
    const said = await guest.sh(line, { input: '\n', deadline: 300_000 });
    if (line.includes('status')) process.stdout.write(`${said}\n`);
  }
}

test('a pair is up in less than ten minutes by README alone', async () => {
  const deb = packageFile(VERSION);
  for (const { path } of [guests.a, guests.b]) copyFileSync(join(DIST, deb), path(`/root/${deb}`));
  const start = monotonicNow();
  await follow(guests.a, 'a');
  await follow(guests.b, 'b');
  const client = startClient(guests.lab.client, { target: TARGET, command: LAB_CLIENT });
  await client.started;
  const [a, b] = [serviceIn(guests.a), serviceIn(guests.b)];
  const state = async (service: typeof a) => (await service.status()).instances[0]?.state;
  await until(
    'A is MASTER and B BACKUP',
    async () => (await state(a)) === 'MASTER' && (await state(b)) === 'BACKUP',
  );
  const took = monotonicNow() - start;
  process.stdout.write(
    `measured: from the first command to the first answer ${(took / 1000).toFixed(0)} s\n`,
  );
  expect(took).toBeLessThan(600_000);
  // And it is a pair: the next thing that happens to A costs clients nothing that they notice.
  const since = monotonicNow();
  await guests.a.sh('sudo systemctl stop memcache-ha');
  await until('B is MASTER', async () => (await state(b)) === 'MASTER');
  await client.waitAnswer(monotonicNow() + 500);
  expect(await client.longestGap(since)).toBeLessThan(1500);
});
