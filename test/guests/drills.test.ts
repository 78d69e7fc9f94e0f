/**
 * `memcache-ha drill` as an administrator runs it, in two booted Debians with the package: every fault on the MASTER of a
 * live pair, with its timeline. What the drill says of itself is checked against a client of ours beside it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Course, courseOf } from './support/course.ts';
import { packageFile, VERSION } from './support/packages.ts';
import { type Pair, startPair } from './support/pair.ts';
import { SETTINGS } from './support/settings.ts';

let pair: Pair;
let course: Course;

beforeAll(async () => {
  pair = await startPair(packageFile(VERSION), SETTINGS.tutorial);
  course = courseOf(pair);
});
afterAll(async () => {
  if (course !== undefined) console.table(course.rows.map(({ transitions: _, ...row }) => row));
  await pair?.destroy();
});

test.each([
  ['kill-memcached', 2000],
  ['hang-memcached', 4000],
  ['kill-proxy', 2000],
  ['stop-agent', 2000],
  ['hang-agent', 8000],
  ['cut-link', 8000],
])('drill %s', async (fault, bound) => {
  const { guest } = pair.services.a;
  const report = `/root/${fault}.json`;
  const words = ['memcache-ha', 'drill', fault, '--yes', '--report', report];
  let said = '';
  const { gap } = await course.measure(`drill ${fault}`, async () => {
    const { code, stdout, stderr } = await guest.exec(words, { deadline: 150_000, allowFailure: true });
    said = `${stdout}\n${stderr}`.trim();
    process.stdout.write(`${said}\n`);
    expect(code, said).toBe(0);
  });
  expect(gap).toBeLessThan(bound);
  expect(JSON.parse(await guest.sh(`cat ${report}`))).toMatchObject({ fault });
});
