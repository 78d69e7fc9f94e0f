/**
 * Two memcacheds, each with its proxy, as on two hosts: a link between them that can be cut, copies that are restarted,
 * proxies that are restarted. No read gives an old value, and no key comes back that was deleted.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeGeneration, GENERATION_KEY } from '../../src/core/generation.ts';
import { ask, openConnection } from './support/connection.ts';
import {
  buildProxy,
  freePort,
  type Running,
  sleep,
  startMemcached,
  startProxy,
  startStandby,
} from './support/processes.ts';
import { type Relay, startRelay } from './support/relay.ts';

const PATIENCE_MS = 15_000;
const KEYS = Array.from({ length: 300 }, (_, index) => `key${index}`);

let built: Awaited<ReturnType<typeof buildProxy>>;
beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());

/** One host: a memcached, a proxy that asks it first, and the link to it from the other host. */
interface Host {
  memcached: Running;
  proxy: Running | null;
  link: Relay;
}

let a: Host;
let b: Host;
const other = (host: Host) => (host === a ? b : a);

async function startHost(): Promise<Host> {
  const memcached = await startMemcached();
  return { memcached, proxy: null, link: await startRelay(memcached.port) };
}

beforeEach(async () => {
  a = await startHost();
  b = await startHost();
});
afterEach(async () => {
  for (const host of [a, b]) {
    await host.proxy?.stop();
    await host.memcached.stop();
    await host.link.close();
  }
});

async function runProxy(host: Host): Promise<void> {
  await host.proxy?.stop();
  host.proxy = await startProxy(built.file, [host.memcached.port], [other(host).link.port]);
}

/** Neither host reaches the other one's memcached. */
function cut(): void {
  a.link.cut();
  b.link.cut();
}

function heal(): void {
  a.link.heal();
  b.link.heal();
}

async function restart(host: Host): Promise<void> {
  const { port } = host.memcached;
  await host.memcached.stop();
  host.memcached = await startMemcached(port);
}

async function talk(port: number, command: string, last: RegExp): Promise<string> {
  const connection = await openConnection(port);
  try {
    return await ask(connection, command, last);
  } finally {
    connection.close();
  }
}

async function setAll(port: number, keys: readonly string[], value: string): Promise<void> {
  const commands = keys.map((key) => `set ${key} 7 0 ${value.length}\r\n${value}\r\n`).join('');
  const answer = await talk(port, `${commands}mn\r\n`, /MN\r\n$/);
  expect(answer.match(/STORED/g)).toHaveLength(keys.length);
}

async function deleteAll(port: number, keys: readonly string[]): Promise<void> {
  await talk(port, `${keys.map((key) => `delete ${key}\r\n`).join('')}mn\r\n`, /MN\r\n$/);
}

/** What each key holds; a key that is missing is not in it. */
async function readAll(port: number, keys: readonly string[]): Promise<Map<string, string>> {
  const answer = await talk(port, `get ${keys.join(' ')}\r\n`, /END\r\n$/);
  return new Map(
    [...answer.matchAll(/VALUE (\S+) 7 \d+\r\n(.*)\r\n/g)].map((match) => [match[1]!, match[2]!]),
  );
}

async function statOf(port: number, name: string): Promise<string> {
  const stats = await talk(port, 'stats\r\n', /END\r\n$/);
  return new RegExp(`^STAT ${name} (.*)\r$`, 'm').exec(stats)?.[1] ?? '';
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await sleep(20);
  }
}

/** Both copies are up and whole for this host's proxy. */
function untilWhole(host: Host): Promise<void> {
  return until('both copies are whole', async () => {
    const stats = await talk(host.proxy!.port, 'stats\r\n', /END\r\n$/);
    return (stats.match(/STAT backend_[12]_(up|whole) 1/g) ?? []).length === 4;
  });
}

const isOut = (host: Host, backend: 1 | 2) =>
  until(
    `backend ${backend} is out`,
    async () => (await statOf(host.proxy!.port, `backend_${backend}_up`)) === '0',
  );

async function recordOf(host: Host): Promise<ReturnType<typeof decodeGeneration>> {
  const answer = await talk(host.memcached.port, `get ${GENERATION_KEY}\r\n`, /END\r\n$/);
  return decodeGeneration(/^VALUE \S+ \d+ \d+\r\n(.*)\r\n/.exec(answer)?.[1] ?? '');
}

describe('a pair that runs already', () => {
  it('keeps what it holds when the proxy is turned on, and gets its first generation', async () => {
    await setAll(a.memcached.port, KEYS, 'old');
    await setAll(b.memcached.port, KEYS, 'old');
    await runProxy(a);
    expect((await readAll(a.proxy!.port, KEYS)).size).toBe(KEYS.length);
    await until('there are records', async () => (await recordOf(b)) !== null);
    expect(await recordOf(a)).toEqual(await recordOf(b));
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
    await runProxy(b);
    expect((await readAll(b.proxy!.port, KEYS)).size).toBe(KEYS.length);
  });
});

describe('a copy that was cut off', () => {
  const overwritten = KEYS.slice(0, 100);
  const deleted = KEYS.slice(100, 200);
  const untouched = KEYS.slice(200);

  async function expectNewThrough(host: Host, value: string): Promise<void> {
    const found = await readAll(host.proxy!.port, KEYS);
    for (const key of overwritten) expect([key, found.get(key)]).toEqual([key, value]);
    for (const key of deleted) expect([key, found.has(key)]).toEqual([key, false]);
    for (const key of untouched) expect([key, found.get(key)]).toEqual([key, 'old']);
  }

  async function cutAndWriteThroughB(): Promise<void> {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await runProxy(b);
    cut();
    await isOut(b, 2);
    await setAll(b.proxy!.port, overwritten, 'new');
    await deleteAll(b.proxy!.port, deleted);
  }

  it('serves the new values through its own proxy from the moment that it answers', async () => {
    await cutAndWriteThroughB();
    await isOut(a, 2);
    heal();
    await untilWhole(a);
    await expectNewThrough(a, 'new');
    expect(await readAll(a.memcached.port, KEYS)).toEqual(await readAll(b.memcached.port, KEYS));
  });

  it('the same with its proxy restarted while cut off', async () => {
    await cutAndWriteThroughB();
    await runProxy(a);
    heal();
    await untilWhole(a);
    await expectNewThrough(a, 'new');
  });

  it('the same with its proxy restarted afterwards, from the first read', async () => {
    await cutAndWriteThroughB();
    await a.proxy!.stop();
    heal();
    await sleep(50);
    await runProxy(a);
    await expectNewThrough(a, 'new');
    await untilWhole(a);
    await expectNewThrough(a, 'new');
  });

  it('the same with the other proxy restarted while cut off', async () => {
    await cutAndWriteThroughB();
    await runProxy(b);
    await setAll(b.proxy!.port, overwritten, 'newer');
    heal();
    await untilWhole(a);
    await expectNewThrough(a, 'newer');
  });

  it('the same with its memcached restarted while cut off', async () => {
    await cutAndWriteThroughB();
    await restart(a);
    heal();
    await untilWhole(a);
    await expectNewThrough(a, 'new');
  });

  it('has nothing old when the other memcached, which had the news, was restarted', async () => {
    await cutAndWriteThroughB();
    await restart(b);
    await until('B is back', async () => (await statOf(b.proxy!.port, 'backend_1_up')) === '1');
    await setAll(b.proxy!.port, ['after'], 'restart');
    heal();
    await untilWhole(b);
    await untilWhole(a);
    for (const host of [a, b]) {
      const found = await readAll(host.proxy!.port, [...KEYS, 'after']);
      expect([...found]).toEqual([['after', 'restart']]);
    }
  });

  it('takes no write with it that both sides made alone: the copies agree afterwards', async () => {
    await cutAndWriteThroughB();
    await isOut(a, 2);
    await setAll(a.proxy!.port, KEYS.slice(0, 50), 'side-a');
    await setAll(a.proxy!.port, ['only-a'], 'side-a');
    heal();
    await untilWhole(a);
    await untilWhole(b);
    const everything = [...KEYS, 'only-a'];
    const ofA = await readAll(a.memcached.port, everything);
    expect(ofA).toEqual(await readAll(b.memcached.port, everything));
    expect(await readAll(a.proxy!.port, everything)).toEqual(ofA);
    expect(await readAll(b.proxy!.port, everything)).toEqual(ofA);
    // One side stays whole; never is everything lost.
    expect([untouched.length, untouched.length + 1]).toContain(
      untouched.filter((key) => ofA.has(key)).length + (ofA.has('only-a') ? 1 : 0),
    );
  });

  it('does not win over what clients wrote by the write that its proxy had in its hands', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await runProxy(b);
    cut();
    // Its client was cut off too, and says nothing more.
    await setAll(a.proxy!.port, [overwritten[0]!], 'in flight');
    expect(await recordOf(a)).toMatchObject({ unheard: true });
    await isOut(b, 2);
    await setAll(b.proxy!.port, overwritten, 'new');
    await deleteAll(b.proxy!.port, deleted);
    expect(await recordOf(b)).toEqual({
      number: (await recordOf(a))!.number,
      tag: expect.anything(),
      filling: false,
    });
    heal();
    await untilWhole(b);
    await expectNewThrough(a, 'new');
    await expectNewThrough(b, 'new');
  });

  it('is compared before the first client after the cut is answered', async () => {
    await cutAndWriteThroughB();
    // It has put the other copy out, and tries it again each second.
    await until('A is alone', async () => a.proxy!.log().includes('is out'));
    await sleep(100);
    heal();
    await expectNewThrough(a, 'new');
    expect(a.proxy!.log()).toContain('neither clients nor a copy were heard: requests wait');
  });

  it('stays as it is when nothing was written meanwhile', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    cut();
    await isOut(a, 2);
    heal();
    await untilWhole(a);
    expect(await statOf(b.memcached.port, 'cmd_flush')).toBe('0');
    expect((await recordOf(a))!.number).toBe(1);
  });
});

it('what a proxy writes to one copy, while another one has made both equal, is missed on the other copy', async () => {
  await runProxy(a);
  await setAll(a.proxy!.port, KEYS, 'old');
  b.link.cut();
  await isOut(a, 2);
  await setAll(a.proxy!.port, ['first'], 'alone');
  await restart(b);
  await runProxy(b);
  await untilWhole(b);
  expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
  // For the proxy of A the copy of B is out still, and nothing has told it that somebody refilled that.
  await setAll(a.proxy!.port, [KEYS[0]!], 'new');
  await until('B has it', async () => (await readAll(b.proxy!.port, KEYS)).get(KEYS[0]!) === 'new');
  b.link.heal();
  await untilWhole(a);
  expect((await readAll(a.proxy!.port, KEYS)).get(KEYS[0]!)).toBe('new');
});

describe('a copy that is killed and comes back empty', () => {
  it.each([['the server'], ['the backup']])(
    '%s: every key is read all the time, also when the other one dies then',
    async (which) => {
      await runProxy(a);
      await setAll(a.proxy!.port, KEYS, 'old');
      const [first, second] = which === 'the server' ? [a, b] : [b, a];
      let reading = true;
      const misses: number[] = [];
      const reader = (async () => {
        while (reading) {
          const found = await readAll(a.proxy!.port, KEYS);
          if (found.size !== KEYS.length) misses.push(KEYS.length - found.size);
          await sleep(5);
        }
      })();
      await restart(first);
      await untilWhole(a);
      await second.memcached.stop();
      await sleep(600);
      reading = false;
      await reader;
      expect(misses).toEqual([]);
      expect(await readAll(first.memcached.port, KEYS)).toEqual(new Map(KEYS.map((key) => [key, 'old'])));
    },
  );
});

it('a copy is whole still when its proxy dies before it has the generation of the one that is to be filled', async () => {
  await runProxy(a);
  await setAll(a.proxy!.port, KEYS, 'kept');
  await a.proxy!.stop();
  await restart(b);
  const link = await startRelay(a.memcached.port, 0, `ms ${GENERATION_KEY}`);
  try {
    b.proxy = await startProxy(built.file, [b.memcached.port], [link.port]);
    await until('it is emptied', async () => (await recordOf(b)) !== null);
    // Long enough for its generation, too short for the other copy to be given up.
    await sleep(100);
    await b.proxy.stop();
  } finally {
    await link.close();
  }
  await runProxy(a);
  await untilWhole(a);
  const all = new Map(KEYS.map((key) => [key, 'kept']));
  for (const { memcached } of [a, b]) expect(await readAll(memcached.port, KEYS)).toEqual(all);
});

describe('the reserved key', () => {
  it('does not exist for clients, in any protocol', async () => {
    await runProxy(a);
    await until('there is a record', async () => (await recordOf(a)) !== null);
    const before = await recordOf(a);
    const { port } = a.proxy!;
    const key = GENERATION_KEY;
    const base64 = Buffer.from(key).toString('base64');
    // memcached throws away the spare bits of base64 and what is no letter of it, and reads a flag by its first letter.
    const otherBase64 = [base64.replace(/g==$/, 'h=='), base64.replace(/^(.{5})/, '$1!-')];
    await setAll(port, ['mine'], 'x');
    const cases: [string, string][] = [
      [`get ${key}\r\n`, 'END\r\n'],
      [`gets ${key}\r\n`, 'END\r\n'],
      [`get mine ${key} mine\r\n`, 'VALUE mine 7 1\r\nx\r\nVALUE mine 7 1\r\nx\r\nEND\r\n'],
      [`gat 0 ${key}\r\n`, 'END\r\n'],
      [`mg ${key} v\r\n`, 'EN\r\n'],
      [`mg ${base64} b v k\r\n`, 'EN\r\n'],
      [`mg ${base64} v binary\r\n`, 'EN\r\n'],
      ...otherBase64.map((token): [string, string] => [`mg ${token} b v\r\n`, 'EN\r\n']),
      [`me ${otherBase64[0]} b\r\n`, 'EN\r\n'],
      [`mg ${key} v O12 k\r\n`, 'EN O12\r\n'],
      [`mg ${key} v q\r\nmn\r\n`, 'MN\r\n'],
      [`me ${key}\r\n`, 'EN\r\n'],
    ];
    for (const [command, expected] of cases)
      expect(await talk(port, command, /(END|EN|EN O12|MN)\r\n$/)).toBe(expected);
    const refused = [
      `set ${key} 0 0 1\r\n1\r\n`,
      `append ${key} 0 0 1\r\n1\r\n`,
      `cas ${key} 0 0 1 5\r\n1\r\n`,
      `delete ${key}\r\n`,
      `touch ${key} 1\r\n`,
      `incr ${key} 1\r\n`,
      `ms ${key} 1\r\n1\r\n`,
      `ms ${base64} 1 b\r\n1\r\n`,
      ...otherBase64.map((token) => `ms ${token} 1 b\r\n1\r\n`),
      `md ${otherBase64[0]} q b\r\n`,
      `md ${key}\r\n`,
      `ma ${key}\r\n`,
    ];
    for (const command of refused) {
      expect(await talk(port, `${command}mn\r\n`, /MN\r\n$/)).toBe(
        'CLIENT_ERROR this key is reserved\r\nMN\r\n',
      );
    }
    expect(await talk(port, `set ${key} 0 0 1 noreply\r\n1\r\nmn\r\n`, /MN\r\n$/)).toBe('MN\r\n');
    expect(await recordOf(a)).toEqual(before);
  });

  it.each([
    [0x00, 'get', 1],
    [0x0c, 'getk', 1],
    [0x04, 'delete', 4],
  ])('binary opcode %i, %s: status %i', async (opcode, _name, status) => {
    await runProxy(a);
    const key = Buffer.from(GENERATION_KEY);
    const header = Buffer.alloc(24);
    header[0] = 0x80;
    header[1] = opcode;
    header.writeUInt16BE(key.length, 2);
    header.writeUInt32BE(key.length, 8);
    const connection = await openConnection(a.proxy!.port);
    connection.send(Buffer.concat([header, key]));
    const answer = await connection.receive((bytes) => bytes.length >= 24);
    connection.close();
    expect(answer.readUInt16BE(6)).toBe(status);
    expect(answer.toString('latin1')).not.toMatch(/[0-9a-f]{16}/);
  });

  it('is put back when it was evicted, and the copy stays whole', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await talk(b.memcached.port, `delete ${GENERATION_KEY}\r\n`, /DELETED\r\n$/);
    await until('the record is back', async () => (await recordOf(b)) !== null);
    expect(await statOf(b.memcached.port, 'cmd_flush')).toBe('0');
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
  });

  it('survives a flush_all through the proxy, at once and delayed', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    expect(await talk(a.proxy!.port, 'flush_all\r\n', /OK\r\n$/)).toBe('OK\r\n');
    expect((await readAll(a.proxy!.port, KEYS)).size).toBe(0);
    expect(await recordOf(a)).not.toBeNull();
    expect(await recordOf(b)).toEqual(await recordOf(a));
    await talk(a.proxy!.port, 'flush_all 1\r\n', /OK\r\n$/);
    await until('it was due', async () => (await statOf(b.memcached.port, 'cmd_flush')) === '2');
    for (const host of [a, b]) await until('the record is back', async () => (await recordOf(host)) !== null);
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(0);
  });

  it('of a copy that somebody emptied is missed, and the copy refilled', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await talk(b.memcached.port, 'flush_all\r\n', /OK\r\n$/);
    await until('B is refilled', async () => (await readAll(b.memcached.port, KEYS)).size === KEYS.length);
    await untilWhole(a);
  });

  it('stays under memory pressure', async () => {
    await a.memcached.stop();
    a.memcached = await startMemcached(a.memcached.port, ['-m', '2', '-t', '1']);
    await runProxy(a);
    await until('there is a record', async () => (await recordOf(a)) !== null);
    const before = await recordOf(a);
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 2000 }, (_, index) => `flood${round}-${index}`);
      await setAll(a.proxy!.port, keys, 'a value about as long as a generation is');
      expect(await recordOf(a)).toEqual(before);
    }
    expect(Number(await statOf(a.memcached.port, 'evictions'))).toBeGreaterThan(10_000);
    expect(await statOf(a.memcached.port, 'cmd_flush')).toBe('0');
  });
});

describe('a flush_all with a delay', () => {
  const later = (host: Host, seconds: number) =>
    talk(host.proxy!.port, `flush_all ${seconds}\r\n`, /OK\r\n$/);
  const isEmpty = async (host: Host) => (await readAll(host.memcached.port, KEYS)).size === 0;

  it('brings nothing back that was emptied before', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await talk(a.proxy!.port, 'flush_all\r\n', /OK\r\n$/);
    await later(a, 1000);
    expect((await readAll(a.proxy!.port, KEYS)).size).toBe(0);
    for (const host of [a, b]) expect((await recordOf(host))!.flushAt).toBeGreaterThan(Date.now() + 900_000);
  });

  it('nor what a proxy has emptied because it was old', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    cut();
    await isOut(a, 2);
    await deleteAll(a.proxy!.port, KEYS);
    heal();
    await untilWhole(a);
    await later(a, 1000);
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(0);
  });

  it('is carried out on both copies, also one that was emptied and refilled in between', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await later(a, 3);
    await restart(b);
    await until('it was out', async () => a.proxy!.log().includes('is out'));
    await untilWhole(a);
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
    await until('it was carried out', () => isEmpty(a));
    expect(await isEmpty(b)).toBe(true);
    expect((await recordOf(a))!.flushAt).toBeUndefined();
    await setAll(a.proxy!.port, KEYS, 'new');
    await sleep(700);
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
  });

  it('is carried out by the next proxy, before its first answer when it is over', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await later(a, 2);
    await a.proxy!.stop();
    await runProxy(b);
    expect((await readAll(b.proxy!.port, KEYS)).size).toBe(KEYS.length);
    await b.proxy!.stop();
    await sleep(2000);
    await runProxy(a);
    expect((await readAll(a.proxy!.port, KEYS)).size).toBe(0);
    expect(await isEmpty(b)).toBe(true);
  });

  it('is called off by the next flush_all', async () => {
    await runProxy(a);
    await later(a, 1);
    await talk(a.proxy!.port, 'flush_all\r\n', /OK\r\n$/);
    await setAll(a.proxy!.port, KEYS, 'new');
    await sleep(1700);
    expect((await readAll(a.proxy!.port, KEYS)).size).toBe(KEYS.length);
  });
});

it('a proxy that leaves as the other copy is cut off does not raise its own one for a write under way', async () => {
  await runProxy(a);
  await setAll(a.proxy!.port, KEYS, 'old');
  const before = await recordOf(a);
  cut();
  const writing = talk(a.proxy!.port, 'set key0 7 0 4\r\nlast\r\n', /\r\n$/).catch(() => '');
  await sleep(50);
  a.proxy!.child.kill('SIGTERM');
  // Nobody is told that it is stored, and nothing of it tells against what the next one writes.
  expect(await writing).not.toContain('STORED');
  expect(await recordOf(a)).toEqual(before);
});

describe('a proxy that takes over from a living one', () => {
  it.each(['accept\nrecheck\n', 'recheck\naccept\n'])(
    'told by %j, reads nothing before it has heard of the other copy, which it does not reach at first',
    async (orders) => {
      await runProxy(a);
      await setAll(a.proxy!.port, KEYS, 'old');
      await a.proxy!.stop();
      a.link.cut();
      await runProxy(b);
      await isOut(b, 2);
      await setAll(b.proxy!.port, KEYS, 'new');
      b.link.cut();
      const standby = await startStandby(built.file, [a.memcached.port], [b.link.port]);
      try {
        await until('the other copy is out', async () => standby.log().includes('is out'));
        standby.child.stdin!.write(orders);
        await until('it listens', async () => standby.said().includes('accepting'));
        const reading = readAll(standby.port, KEYS);
        await sleep(500);
        heal();
        expect(await reading).toEqual(new Map(KEYS.map((key) => [key, 'new'])));
      } finally {
        await standby.stop();
      }
    },
  );

  it('a copy that it finds behind while it leaves is not taken for one that was emptied', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await a.proxy!.stop();
    a.link.cut();
    await runProxy(b);
    await isOut(b, 2);
    await setAll(b.proxy!.port, KEYS, 'new');
    b.link.cut();
    const standby = await startStandby(built.file, [a.memcached.port], [b.link.port]);
    try {
      await until('the other copy is out', async () => standby.log().includes('is out'));
      standby.child.stdin!.write('accept\nrecheck\n');
      await until('it listens', async () => standby.said().includes('accepting'));
      const writing = talk(standby.port, 'set k 7 0 1\r\nx\r\n', /\r\n$/).catch(() => '');
      await sleep(100);
      heal();
      await sleep(100);
      standby.child.kill('SIGTERM');
      await writing;
    } finally {
      await standby.stop();
    }
    // If it was early enough to be in charge still, it emptied the copy and may have begun to fill it.
    const record = await recordOf(a);
    const kept = [...(await readAll(a.memcached.port, KEYS)).values()];
    if (record?.filling === true) expect(kept).not.toContain('old');
    await runProxy(b);
    await untilWhole(b);
    expect(await readAll(a.memcached.port, KEYS)).toEqual(new Map(KEYS.map((key) => [key, 'new'])));
  });

  it('waits for no copy whose memcached does not run', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'old');
    await a.proxy!.stop();
    await b.memcached.stop();
    const standby = await startStandby(built.file, [a.memcached.port], [b.memcached.port]);
    try {
      await until('the other copy is out', async () => standby.log().includes('is out'));
      standby.child.stdin!.write('accept\nrecheck\n');
      await until('it listens', async () => standby.said().includes('accepting'));
      await until('requests go on', async () => standby.log().includes('requests go on'));
      const waited = Number(/requests go on after (\d+) ms/.exec(standby.log())?.[1]);
      expect(waited).toBeLessThan(700);
    } finally {
      await standby.stop();
    }
  });

  it('waits for a copy out of reach once, however often another master is heard', async () => {
    const standby = await startStandby(built.file, [a.memcached.port], [b.link.port]);
    let orders: NodeJS.Timeout | undefined;
    try {
      standby.child.stdin!.write('accept\n');
      await until('it listens', async () => standby.said().includes('accepting'));
      cut();
      await until('the other copy is out', async () => standby.log().includes('is out'));
      orders = setInterval(() => standby.child.stdin!.write('recheck\n'), 100);
      await until('requests go on', async () => standby.log().includes('requests go on'));
      const waited = Number(/requests go on after (\d+) ms/.exec(standby.log())?.[1]);
      expect(waited).toBeLessThan(3000);
    } finally {
      clearInterval(orders);
      await standby.stop();
    }
  });
});

describe('a tie', () => {
  const tags = ['1111111111111111', '2222222222222222'];
  it.each([
    [0, 1],
    [1, 0],
  ])('with tags %i and %i: the copy of the proxy that is active stays', async (ofA, ofB) => {
    for (const [host, tag, value] of [
      [a, tags[ofA]!, 'side-a'],
      [b, tags[ofB]!, 'side-b'],
    ] as const) {
      await setAll(host.memcached.port, KEYS, value);
      const record = `5 ${tag}`;
      await talk(
        host.memcached.port,
        `set ${GENERATION_KEY} 0 0 ${record.length}\r\n${record}\r\n`,
        /STORED\r\n$/,
      );
    }
    await runProxy(a);
    expect(new Set((await readAll(a.proxy!.port, KEYS)).values())).toEqual(new Set(['side-a']));
    await untilWhole(a);
    expect(await readAll(b.memcached.port, KEYS)).toEqual(await readAll(a.memcached.port, KEYS));
    expect((await recordOf(b))!.number).toBeGreaterThanOrEqual(5);
  });

  it('that a copy has lost is not undone by a proxy that had it for whole', async () => {
    await runProxy(a);
    await setAll(a.proxy!.port, KEYS, 'kept');
    await setAll(b.memcached.port, ['loser'], 'x');
    await talk(b.memcached.port, `set ${GENERATION_KEY} 0 0 4\r\nlost\r\n`, /STORED\r\n$/);
    await until('it is emptied', async () => (await readAll(b.memcached.port, ['loser'])).size === 0);
    await untilWhole(a);
    expect((await readAll(b.memcached.port, KEYS)).size).toBe(KEYS.length);
  });

  it('that two proxies settle at once leaves one of the copies, never none', async () => {
    for (let round = 0; round < 5; round++) {
      for (const [host, tag, value] of [
        [a, tags[round % 2]!, 'side-a'],
        [b, tags[(round + 1) % 2]!, 'side-b'],
      ] as const) {
        await setAll(host.memcached.port, KEYS, value);
        const record = `${100 * (round + 1)} ${tag}`;
        await talk(
          host.memcached.port,
          `set ${GENERATION_KEY} 0 0 ${record.length}\r\n${record}\r\n`,
          /STORED\r\n$/,
        );
      }
      await Promise.all([runProxy(a), runProxy(b)]);
      await untilWhole(a);
      await untilWhole(b);
      const left = await readAll(a.proxy!.port, KEYS);
      expect(left.size).toBe(KEYS.length);
      expect(new Set(left.values()).size).toBe(1);
      expect(await readAll(b.proxy!.port, KEYS)).toEqual(left);
    }
  });
});

it('a port that nobody listens at is no reason to wait', async () => {
  const nobody = await freePort();
  const proxy = await startProxy(built.file, [a.memcached.port], [nobody]);
  try {
    await setAll(proxy.port, KEYS, 'alone');
    expect((await readAll(proxy.port, KEYS)).size).toBe(KEYS.length);
  } finally {
    await proxy.stop();
  }
});

it('servers without backups have no generation, and the proxy says nothing of any', async () => {
  await setAll(a.memcached.port, [GENERATION_KEY], '7 0123456789abcdef');
  const proxy = await startProxy(built.file, [a.memcached.port], []);
  try {
    await setAll(proxy.port, KEYS, 'alone');
    await talk(proxy.port, 'flush_all 1000\r\n', /OK\r\n$/);
    await sleep(1200); // two comparisons and more
    expect((await readAll(proxy.port, KEYS)).size).toBe(KEYS.length);
    expect(proxy.log()).not.toMatch(/generation/);
    expect(await readAll(a.memcached.port, [GENERATION_KEY])).toEqual(
      new Map([[GENERATION_KEY, '7 0123456789abcdef']]),
    );
  } finally {
    await proxy.stop();
  }
});
