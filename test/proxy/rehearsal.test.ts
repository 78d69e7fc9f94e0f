/** What a proxy that stands by plays to itself: everything is answered, nothing of it reaches the copies, nothing stays. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseOptions } from '../../src/proxy/options.ts';
import { rehearse } from '../../src/proxy/rehearsal.ts';
import { buildProxy, sleep, startMemcached, startStandby } from './support/processes.ts';
import { talk, until } from './support/refilling.ts';

let built: Awaited<ReturnType<typeof buildProxy>>;
beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^TCP(Socket|Server)Wrap$/.test(kind)).length;

it.each([
  ['a pair', ['-s', '10.9.0.1:11211', '-b', '10.9.0.2:11211']],
  ['one server', ['-s', '10.9.0.1:11211']],
  ['ketama', ['-k', '-s', '10.9.0.1:11211', '-s', '10.9.0.2:11211', '-b', '10.9.0.3:11211']],
  ['few connections, little patience', ['-n', '1', '--timeout', '100', '-s', '10.9.0.1', '-b', '10.9.0.2']],
])('%s: each request is answered, and no socket stays open', async (_, words) => {
  const options = parseOptions(['-D', '--standby', '-p', '12000', ...words]);
  if ('error' in options) throw new Error(options.error);
  const before = openSockets();
  expect(await rehearse(options, new AbortController().signal)).toBe(true);
  await until('its sockets are closed', async () => openSockets() === before);
});

it.each([0, 3, 10])('ended after %i ms it leaves nothing behind', async (ms) => {
  const options = parseOptions(['-D', '--standby', '-p', '12000', '-s', '10.9.0.1', '-b', '10.9.0.2']);
  if ('error' in options) throw new Error(options.error);
  const before = openSockets();
  const curtain = new AbortController();
  setTimeout(() => curtain.abort(), ms);
  expect(await rehearse(options, curtain.signal)).toBe(false);
  await until('its sockets are closed', async () => openSockets() === before);
});

it('the copies hear nothing of it, and it takes clients when it is told to', async () => {
  const copies = [await startMemcached(), await startMemcached()] as const;
  const standby = await startStandby(built.file, [copies[0].port], [copies[1].port]);
  try {
    await sleep(1000);
    for (const { port } of copies) {
      const stats = await talk(port, 'stats\r\n', /END\r\n$/);
      for (const stat of ['total_items', 'cmd_set', 'get_hits', 'delete_misses', 'delete_hits'])
        expect(stats, stat).toContain(`STAT ${stat} 0\r\n`);
    }
    standby.child.stdin!.write('accept\n');
    await until('it listens', async () => standby.said().includes('accepting'));
    expect(await talk(standby.port, 'set k 7 0 1\r\nx\r\nget k\r\n', /END\r\n$/)).toBe(
      'STORED\r\nVALUE k 7 1\r\nx\r\nEND\r\n',
    );
    expect(standby.log()).toBe('');
  } finally {
    await Promise.all([standby, ...copies].map(({ stop }) => stop()));
  }
});
