/** What the proxy does beside passing on: several servers, statistics, its start, and clients that do not behave. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { magentHash } from '../../src/core/distribution.ts';
import { packet } from './support/binary-requests.ts';
import { ask, openConnection } from './support/connection.ts';
import {
  buildProxy,
  freePort,
  type Running,
  sleep,
  startMemcached,
  startProxy,
} from './support/processes.ts';

let built: Awaited<ReturnType<typeof buildProxy>>;
let memcacheds: Running[];

beforeAll(async () => {
  built = await buildProxy();
  memcacheds = [];
  for (let count = 0; count < 4; count++) memcacheds.push(await startMemcached());
});

afterAll(async () => {
  for (const program of memcacheds) await program.stop();
  built.remove();
});

async function withProxy(
  backends: [servers: number, backups: number],
  extra: readonly string[],
  test: (proxy: Running) => Promise<void>,
): Promise<void> {
  const ports = memcacheds.map(({ port }) => port);
  const [servers, backups] = backends;
  const proxy = await startProxy(
    built.file,
    ports.slice(0, servers),
    ports.slice(servers, servers + backups),
    extra,
  );
  try {
    await test(proxy);
  } finally {
    await proxy.stop();
  }
}

async function raw(port: number, command: string, last: RegExp): Promise<string> {
  const connection = await openConnection(port);
  const answer = await ask(connection, command, last);
  connection.close();
  return answer;
}

describe('several servers and backups', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);

  it("spread keys by magent's modulo, each with its backup, and a get of many comes in its own order", async () => {
    await withProxy([2, 2], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      for (const key of keys) await ask(connection, `set ${key} 0 0 ${key.length}\r\n${key}\r\n`, /STORED/);
      for (const key of keys) {
        const chosen = magentHash(Buffer.from(key), 0, key.length) % 2;
        const holders = [];
        for (const { port } of memcacheds)
          holders.push((await raw(port, `get ${key}\r\n`, /END\r\n$/)) !== 'END\r\n');
        expect(holders).toEqual([chosen === 0, chosen === 1, chosen === 0, chosen === 1]);
      }
      const asked = [...keys, 'absent', 'key-3', 'key-3'].reverse();
      const expected = asked
        .filter((key) => key !== 'absent')
        .map((key) => `VALUE ${key} 0 ${key.length}\r\n${key}\r\n`);
      const answer = await ask(connection, `get ${asked.join(' ')}\r\n`, /END\r\n$/);
      expect(answer).toBe(`${expected.join('')}END\r\n`);
      const withCas = await ask(connection, `gets ${asked.join(' ')}\r\n`, /END\r\n$/);
      expect(withCas.replace(/^(VALUE \S+ 0 \d+) \d+/gm, '$1')).toBe(answer);
      expect(await ask(connection, `gat 100 ${asked.join(' ')}\r\n`, /END\r\n$/)).toBe(answer);
      connection.close();
    });
  });

  it('are all emptied by flush_all', async () => {
    await withProxy([2, 2], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      await ask(connection, 'set key-1 0 0 1\r\n1\r\nset key-2 0 0 1\r\n1\r\nmn\r\n', /MN/);
      expect(await ask(connection, 'flush_all\r\n', /\r\n$/)).toBe('OK\r\n');
      for (const { port } of memcacheds)
        expect(await raw(port, 'get key-1 key-2\r\n', /END\r\n$/)).toBe('END\r\n');
      connection.close();
    });
  });
});

describe('the outcome of what depends on the old value is on both copies', () => {
  const REPAIR_TURNS = 100;
  const REPAIR_TURN_MS = 20;
  const story: [string, string][] = [
    ['add k 5 0 1\r\n1\r\n', 'STORED'],
    ['add k 6 0 1\r\n2\r\n', 'NOT_STORED'],
    ['append k 0 0 1\r\n0\r\n', 'STORED'],
    ['decr k 1\r\n', '9'],
    ['incr k 4\r\n', '13'],
    ['prepend k 0 0 1\r\n7\r\n', 'STORED'],
    ['touch k 500\r\n', 'TOUCHED'],
    ['replace k 9 0 2\r\n18\r\n', 'STORED'],
    ['decr k 10\r\n', '8'],
    ['incr k 1\r\n', '9'],
    ['ma k N0 J7 MD\r\n', 'HD'],
    ['ma fresh N100 J7 v\r\n', 'VA 1\r\n7'],
    ['md k I T30\r\n', 'HD'],
    ['ms k 3 MA F9\r\nabc\r\n', 'HD'],
    ['mg vivified N60 v\r\n', 'VA 0 W\r\n'],
    ['delete fresh\r\n', 'DELETED'],
  ];

  it('after every step', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      await ask(connection, 'flush_all\r\n', /OK/);
      for (const [request, answer] of story) {
        expect(await ask(connection, request, /\r\n$/)).toBe(`${answer}\r\n`);
        const copies = async (): Promise<string[]> => {
          const states = [];
          for (const { port } of memcacheds.slice(0, 2)) {
            const state = 'me k\r\nmg fresh f v t\r\nmg vivified f v t\r\nget k\r\nmn\r\n';
            const told = await raw(port, state, /MN\r\n$/);
            states.push(told.replace(/ (la|cas|fetch)=\w+/g, '').replace(/(exp=-?|t)\d+/g, '$1'));
          }
          return states;
        };
        // How a number is stored is compared, and set right where it differs, after the answer.
        let [first, second] = await copies();
        for (let turn = 0; first !== second && turn < REPAIR_TURNS; turn++) {
          await sleep(REPAIR_TURN_MS);
          [first, second] = await copies();
        }
        expect(second, request).toBe(first);
      }
      connection.close();
    });
  });

  it('also where a stale item is overwritten under its old CAS number', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      await ask(connection, 'set k 1 0 3\r\nold\r\n', /STORED/);
      const cas = /c(\d+)/.exec(await ask(connection, 'mg k c\r\n', /\r\n$/))![1]!;
      await ask(connection, 'md k I T30\r\n', /HD/);
      expect(await ask(connection, `ms k 3 C${cas} I T90 F2\r\nnew\r\n`, /\r\n$/)).toBe('HD\r\n');
      for (const { port } of memcacheds.slice(0, 2)) {
        expect(await raw(port, 'mg k v f\r\n', /\r\n.*\r\n/)).toBe('VA 3 f2 X W\r\nnew\r\n');
      }
      connection.close();
    });
  });
});

describe('a CAS number', () => {
  it('of a copy that is gone fits nothing on the other one', async () => {
    const copies = [await startMemcached(), await startMemcached()] as const;
    const proxy = await startProxy(built.file, [copies[0].port], [copies[1].port]);
    try {
      const connection = await openConnection(proxy.port);
      await ask(connection, 'set k 0 0 1\r\n1\r\n', /STORED/);
      const number = / (\d+)\r\n1/.exec(await ask(connection, 'gets k\r\n', /END\r\n$/))![1]!;
      await copies[0].stop();
      await sleep(50);
      expect(await ask(connection, `cas k 0 0 1 ${number}\r\n2\r\n`, /\r\n$/)).toBe('EXISTS\r\n');
      const fresh = / (\d+)\r\n1/.exec(await ask(connection, 'gets k\r\n', /END\r\n$/))![1]!;
      expect(await ask(connection, `cas k 0 0 1 ${fresh}\r\n2\r\n`, /\r\n$/)).toBe('STORED\r\n');
      connection.close();
    } finally {
      for (const program of [proxy, ...copies]) await program.stop();
    }
  });
});

describe('statistics', () => {
  it("are the backends' counters and magent's lines, in stats and in /metrics", async () => {
    const port = await freePort();
    await withProxy([2, 1], ['--metrics', `127.0.0.1:${port}`], async (proxy) => {
      await raw(proxy.port, 'set a 0 0 1\r\n1\r\n', /STORED/);
      const stats = await raw(proxy.port, 'stats\r\n', /END\r\n$/);
      const [first, second] = memcacheds as [Running, Running];
      expect(stats.split('\r\n').slice(-4)).toEqual([
        `matrix 1 -> 127.0.0.1:${first.port}, pool size 1`,
        `matrix 2 -> 127.0.0.1:${second.port}, pool size 1`,
        'END',
        '',
      ]);
      expect(stats).toContain('STAT backend_3_up 1\r\n');
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics).toContain(`memcache_ha_proxy_backend_up{backend="127.0.0.1:${first.port}"} 1\n`);
      expect(metrics).toMatch(/^memcache_ha_proxy_requests_total [1-9]/m);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    });
  });
});

describe('the start', () => {
  it('takes over a descriptor that listens already, and a second proxy after it', async () => {
    const port = await freePort();
    const fd = listenWithoutAccepting(port);
    const args = [built.file, '-D', '--listen-fd', '3', '-s', `127.0.0.1:${memcacheds[0]!.port}`];
    const start = (): ChildProcess => spawn('node', args, { stdio: ['ignore', 'ignore', 'inherit', fd] });
    const first = start();
    try {
      const connection = await openConnection(port);
      expect(await ask(connection, 'mn\r\n', /\r\n$/)).toBe('MN\r\n');
      connection.close();
    } finally {
      first.kill('SIGKILL');
    }
    await new Promise((resolve) => first.once('exit', resolve));
    const waiting = openConnection(port);
    const second = start();
    try {
      const connection = await waiting;
      expect(await ask(connection, 'mn\r\n', /\r\n$/)).toBe('MN\r\n');
      connection.close();
    } finally {
      second.kill('SIGKILL');
      closeSync(fd);
    }
  });

  it('without -D leaves the proxy in the background, listening, also on a Unix socket', async () => {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-'));
    const path = join(directory, 'socket');
    const args = [
      built.file,
      '-l',
      '127.0.0.1',
      '-p',
      String(port),
      '-f',
      path,
      '-s',
      `127.0.0.1:${memcacheds[0]!.port}`,
    ];
    const started = spawnSync('node', args, { timeout: 10_000 });
    expect([started.status, started.stderr.toString()]).toEqual([0, '']);
    const stats = await raw(port, 'stats\r\n', /END\r\n$/);
    const pid = Number(/STAT pid (\d+)/.exec(stats)![1]);
    expect(existsSync(path)).toBe(true);
    const answer = await new Promise<string>((resolve) => {
      connect(path, function (this: import('node:net').Socket) {
        this.write('mn\r\n');
      }).once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(answer).toBe('MN\r\n');
    process.kill(pid, 'SIGTERM');
    for (let turn = 0; turn < 300 && existsSync(`/proc/${pid}/cmdline`); turn++) await sleep(10);
    expect(existsSync(`/proc/${pid}/cmdline`)).toBe(false);
    rmSync(directory, { recursive: true });
  });

  it('takes the place of a socket that was left at -f, and of nothing else', () => {
    const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-'));
    const path = join(directory, 'precious');
    writeFileSync(path, 'kept');
    const ended = spawnSync('node', [built.file, '-D', '-p', '0', '-f', path, '-s', '127.0.0.1'], {
      timeout: 10_000,
    });
    expect(readFileSync(path, 'utf8')).toBe('kept');
    expect([ended.status, ended.stderr.toString()]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
    rmSync(directory, { recursive: true });
  });

  it('with -u keeps none of the groups of whoever started it', async () => {
    const port = await freePort();
    const backend = `127.0.0.1:${memcacheds[0]!.port}`;
    const words = [built.file, '-D', '-l', '127.0.0.1', '-p', String(port), '-s', backend];
    const become = ['-u', 'nobody', '-g', 'nogroup'];
    const proxy = spawn('setpriv', ['--groups', '4,24', '--', 'node', ...words, ...become], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      const rights = (): string => readFileSync(`/proc/${proxy.pid}/status`, 'utf8');
      for (let turn = 0; turn < 500 && !/^Uid:\t65534/m.test(rights()); turn++) await sleep(10);
      expect(rights()).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(rights()).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
      expect(rights()).toMatch(/^Groups:\s*$/m);
    } finally {
      proxy.kill('SIGKILL');
    }
  });

  it.each([
    [['-p', '1'], 2, 'no memcached given'],
    [['-D', '-s', 'a', '-p', 'x'], 2, 'a number from 0 to 65535 is wanted'],
    [['-D', '-s', '127.0.0.1', '-l', '192.0.2.1'], 1, 'EADDRNOTAVAIL'],
  ])('with %j ends with %i and says why', (args, code, reason) => {
    const ended = spawnSync('node', [built.file, ...args], { timeout: 10_000 });
    expect(ended.status).toBe(code);
    expect(ended.stderr.toString()).toContain(reason);
    expect(ended.stdout.toString()).toBe('');
  });
});

/** A memcached of old: it knows no meta commands. Answers where it listens. */
async function withOldMemcached(test: (port: number) => Promise<void>): Promise<void> {
  const answers: Record<string, string> = {
    version: 'VERSION 1.5.22\r\n',
    stats: 'STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 1700000000\r\nSTAT version 1.5.22\r\nEND\r\n',
    'stats settings': 'STAT item_size_max 1048576\r\nEND\r\n',
    'get kept': 'VALUE kept 0 3\r\nold\r\nEND\r\n',
  };
  const server = createServer((socket) => {
    const lines = createInterface({ input: socket.on('error', () => {}) });
    lines.on('error', () => {});
    lines.on('line', (line) => socket.write(answers[line] ?? 'ERROR\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

describe('a memcached without meta commands', () => {
  it('is no copy, because nothing would tell whether it is old, and that is said once', async () => {
    await withOldMemcached(async (old) => {
      const proxy = await startProxy(built.file, [old], [memcacheds[0]!.port]);
      try {
        const said = 'is out: memcached 1.5.22 has no meta commands, a copy needs 1.6 or later';
        for (let turn = 0; turn < 100 && !proxy.log().includes(said); turn++) await sleep(20);
        expect(await raw(proxy.port, 'get kept\r\n', /END\r\n$/)).toBe('END\r\n');
        await sleep(700);
        expect(proxy.log().split(said)).toHaveLength(2);
      } finally {
        await proxy.stop();
      }
    });
  });

  it('nor is one that cannot be emptied', async () => {
    const locked = await startMemcached(undefined, ['-F']);
    await raw(locked.port, 'set kept 0 0 3\r\nold\r\n', /STORED/);
    const proxy = await startProxy(built.file, [locked.port], [memcacheds[0]!.port]);
    try {
      const said = 'is out: it was started with -F (flush_all is disabled)';
      for (let turn = 0; turn < 100 && !proxy.log().includes(said); turn++) await sleep(20);
      expect(await raw(proxy.port, 'get kept\r\n', /END\r\n$/)).toBe('END\r\n');
      expect(proxy.log()).toContain(said);
    } finally {
      await proxy.stop();
      await locked.stop();
    }
  });

  it('serves alone', async () => {
    await withOldMemcached(async (old) => {
      const proxy = await startProxy(built.file, [old], []);
      try {
        expect(await raw(proxy.port, 'get kept\r\n', /END\r\n$/)).toContain('old');
        expect(proxy.log()).toBe('');
      } finally {
        await proxy.stop();
      }
    });
  });
});

describe('clients that do not behave', () => {
  it('beyond the limit are told so, as memcached tells them', async () => {
    await withProxy([1, 1], ['-n', '3'], async (proxy) => {
      const inside = [];
      for (let count = 0; count < 3; count++) inside.push(await openConnection(proxy.port));
      for (const connection of inside) expect(await ask(connection, 'mn\r\n', /\r\n$/)).toBe('MN\r\n');
      const outside = await openConnection(proxy.port);
      expect((await outside.receive(() => false)).toString()).toBe('ERROR Too many open connections\r\n');
      for (const connection of inside) connection.close();
    });
  });

  it('that ask for much and read nothing cost little memory and no neighbour any time', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const big = 'x'.repeat(500_000);
      await raw(proxy.port, `set big 0 0 ${big.length}\r\n${big}\r\n`, /STORED/);
      const greedy = [];
      for (let count = 0; count < 10; count++) {
        const connection = await openConnection(proxy.port);
        connection.socket.pause();
        connection.send('get big\r\n'.repeat(2000));
        greedy.push(connection);
      }
      const neighbour = await openConnection(proxy.port);
      let slowest = 0;
      for (let turn = 0; turn < 100; turn++) {
        const start = performance.now();
        expect(await ask(neighbour, 'set n 0 0 1\r\n1\r\nget n\r\n', /END\r\n$/)).toContain('VALUE n');
        slowest = Math.max(slowest, performance.now() - start);
        await sleep(5);
      }
      expect(slowest).toBeLessThan(500);
      expect(residentMegabytes(proxy)).toBeLessThan(350);
      for (const connection of greedy) connection.close();
      neighbour.close();
    });
  });

  it('that pipeline without end are answered in order', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      const count = 5000;
      const requests = [];
      for (let number = 0; number < count; number++)
        requests.push(`set p 0 0 4\r\n${1000 + number}\r\nget p\r\nincr p 1\r\n`);
      connection.send(requests.join(''));
      const last = `${1000 + count}\r\n`;
      const answer = (
        await connection.receive((got) => got.subarray(-last.length).toString() === last, 20_000)
      ).toString();
      const expected = [];
      for (let number = 0; number < count; number++) {
        expected.push(`STORED\r\nVALUE p 0 4\r\n${1000 + number}\r\nEND\r\n${1001 + number}\r\n`);
      }
      expect(answer).toBe(expected.join(''));
      connection.close();
    });
  });

  it('that end their side at once still get every answer', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const connection = await openConnection(proxy.port);
      connection.socket.end('set h 0 0 1\r\n1\r\nincr h 1\r\nincr h 1\r\nget h\r\nget h');
      const answer = (await connection.receive(() => false)).toString();
      expect(answer).toBe('STORED\r\n2\r\n3\r\nVALUE h 0 1\r\n3\r\nEND\r\n');
    });
  });

  it('that send a request in three pieces and nothing behind it are answered', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      const set = packet(1, 'piece', Buffer.alloc(8), 'v'.repeat(3000), 5);
      const text = Buffer.from(`set piece 0 0 3000\r\n${'v'.repeat(3000)}\r\n`);
      for (const [bytes, answer] of [
        [set, 24],
        [text, 8],
      ] as const) {
        for (const [first, second] of [
          [1, 2],
          [10, 2000],
          [23, 30],
          [30, 31],
          [25, 3028],
        ] as const) {
          const connection = await openConnection(proxy.port);
          for (const piece of [
            bytes.subarray(0, first),
            bytes.subarray(first, second),
            bytes.subarray(second),
          ]) {
            connection.send(piece);
            await sleep(15);
          }
          await connection.receive((got) => got.length === answer, 2000);
          connection.close();
        }
      }
    });
  });

  it('that leave in the middle of an answer or a value harm nobody', async () => {
    await withProxy([1, 1], [], async (proxy) => {
      for (let turn = 0; turn < 200; turn++) {
        const connection = await openConnection(proxy.port);
        connection.send(
          turn % 2 === 0 ? `set v 0 0 100000\r\n${'v'.repeat(50_000)}` : 'get big big big\r\nincr n 1\r\n',
        );
        connection.close();
      }
      expect(await raw(proxy.port, 'set a 0 0 1\r\n1\r\nget a\r\n', /END\r\n$/)).toBe(
        'STORED\r\nVALUE a 0 1\r\n1\r\nEND\r\n',
      );
      expect(proxy.log()).toBe('');
    });
  });
});

/** A listening descriptor as a supervisor holds it: a server of Node's own would accept connections itself. */
function listenWithoutAccepting(port: number): number {
  const libc = koffi.load('libc.so.6');
  const socket = libc.func('int socket(int, int, int)');
  const bind = libc.func('int bind(int, const uint8_t *, uint32_t)');
  const listen = libc.func('int listen(int, int)');
  const address = Buffer.from([2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const fd = socket(2, 1, 0) as number;
  if (bind(fd, address, address.length) !== 0 || listen(fd, 128) !== 0) throw new Error('cannot listen');
  return fd;
}

function residentMegabytes({ child }: Running): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(child.pid)]);
  return Number(stdout.toString()) / 1024;
}
