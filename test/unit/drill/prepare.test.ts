/** What is refused before anything is done: a daemon's control socket and a peer's listener, both made up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Status } from '../../../src/daemon/status.ts';
import { announcement } from '../../../src/drill/announce.ts';
import { claimDrill } from '../../../src/drill/claim.ts';
import { runDrill } from '../../../src/drill/drill.ts';
import { parseDrillOptions } from '../../../src/drill/options.ts';
import { type PreparedDrill, prepareDrill } from '../../../src/drill/prepare.ts';
import { type ControlServer, serveControl } from '../../../src/io/control-socket.ts';
import { type HttpServer, serveHttp } from '../../../src/io/http-server.ts';
import { backup, instance, memcached, proxy, status } from './sample.ts';

let directory: string;
let control: string;
let said: { -readonly [Key in keyof Status]: Status[Key] } & { peers?: unknown };
let peer: Status | null;
let servers: (ControlServer | HttpServer | Server)[];
let port: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mha-drill-'));
  control = join(directory, 'control.sock');
  peer = backup();
  const own = await serveControl(control, async () => ({ ok: true, result: said }));
  port = await freePort();
  const other = await serveHttp('127.0.0.1', port, async () =>
    peer === null ? null : { status: 200, type: 'application/json', body: JSON.stringify(peer) },
  );
  said = { ...status({ pid: process.pid }), peers: [{ address: `127.0.0.1:${port}` }] };
  servers = [own, other];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

async function prepare(...words: string[]): Promise<PreparedDrill> {
  const options = parseDrillOptions(words, control);
  if ('mistake' in options) throw new Error(options.mistake);
  return prepareDrill(options);
}

const refusal = (...words: string[]): Promise<string> =>
  prepare(...words).then(
    () => 'none',
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  );

describe('a drill that may be done', () => {
  test('says what it is going to do', async () => {
    const lines = announcement(await prepare('hang-agent', '--max-outage', '2')).join('\n');
    expect(lines).toMatch(/on +this host, A: MASTER of VI_1/);
    expect(lines).toMatch(/with +peer B \(127\.0\.0\.1:\d+\), ready/);
    expect(lines).toMatch(new RegExp(`does +SIGSTOP to the daemon \\(pid ${process.pid}\\)`));
    expect(lines).toMatch(/expects +a failover: .* takes 10\.9\.0\.250 over/);
    expect(lines).toMatch(/watches +10\.9\.0\.250:12000 .*memcache-ha:drill:[0-9a-f]{12}/);
    expect(lines).toMatch(new RegExp(`undoes +SIGCONT to pid ${process.pid}`));
    expect(lines).toMatch(/allows +2 s without an answer/);
  });

  test('on the BACKUP: that nothing is to be felt', async () => {
    said = { ...backup({ pid: process.pid }), peers: said.peers };
    peer = status();
    const { role, expectation } = await prepare('hang-agent');
    expect([role, expectation]).toEqual(['BACKUP', 'unfelt']);
  });

  test('with the peer given by hand, and without seeing it', async () => {
    said.peers = [];
    expect((await prepare('hang-agent', '--peer', `127.0.0.1:${port}`)).sources).toHaveLength(2);
    const blind = await prepare('hang-agent', '--blind');
    expect(blind.sources).toHaveLength(1);
    expect(blind.notes.join()).toMatch(/whether anybody is ready to take over is not known/);
  });

  test('without a proxy the client asks memcached itself, at the virtual address', async () => {
    said.instances = [instance({ proxy: null })];
    expect((await prepare('hang-agent')).target).toBe('10.9.0.250:11211');
  });
});

describe('what is refused', () => {
  test('a daemon that does not run', async () => {
    expect(await refusal('hang-agent', '--control', join(directory, 'none'))).toMatch(
      /^Refusal: no memcache-ha is running at .*none/,
    );
  });

  test('a host that knows of no other one, as with a daemon that tells of none', async () => {
    said.peers = [];
    expect(await refusal('hang-agent')).toMatch(
      /knows of no other one .*metrics\.peers.*--peer HOST:PORT; --blind/,
    );
    delete said.peers;
    expect(await refusal('hang-agent')).toMatch(/knows of no other one/);
  });

  test('a peer that is down, and one that is something else', async () => {
    said.peers = [{ address: `127.0.0.1:${await freePort()}` }];
    expect(await refusal('hang-agent')).toMatch(
      /^Refusal: peer cannot be seen: .*(refused|bad port)[\s\S]*--blind/,
    );
    peer = null;
    said.peers = [{ address: `127.0.0.1:${port}` }];
    expect(await refusal('hang-agent')).toMatch(/peer cannot be seen: .*404/);
    peer = { hello: 'world' } as never;
    expect(await refusal('hang-agent')).toMatch(
      /peer cannot be seen: .*(not the status of a|no) memcache-ha/,
    );
  });

  test('a pair that is not well, with all that is wrong', async () => {
    peer = backup({ drained: true, memcached: [memcached({ status: 'down', detail: 'refused' })] });
    expect(await refusal('hang-agent')).toBe(
      'Refusal: the pair is not well, and a drill needs it whole:\n  peer: it is drained (memcache-ha resume brings it back)\n  peer: memcached local is down: refused',
    );
  });

  test('an instance that is not there, and none said where there are several', async () => {
    expect(await refusal('hang-agent', '--instance', 'VI_9')).toMatch(
      /there is no instance VI_9; this host has VI_1$/,
    );
    said.instances = [instance(), instance({ name: 'VI_2' })];
    expect(await refusal('hang-agent')).toMatch(/several instances: say --instance with one of VI_1, VI_2$/);
  });

  test('what is not there to be struck', async () => {
    said.instances = [instance({ memcached: [] })];
    expect(await refusal('kill-memcached')).toMatch(/VI_1 tracks no memcached/);
    said.instances = [instance({ proxy: null })];
    expect(await refusal('kill-proxy')).toMatch(/VI_1 has no proxy/);
    said = { ...backup(), peers: said.peers };
    peer = status();
    said.proxies = [proxy({ up: false, pid: null, copies: [] })];
    expect(await refusal('kill-proxy')).toMatch(/this host is BACKUP: drill it on the other host/);
  });

  test('a memcached on another host, and one that nobody would start again', async () => {
    const at = await freePort();
    said.memcached = [memcached({ address: `127.0.0.1:${at}` })];
    expect(await refusal('kill-memcached')).toMatch(/nobody listens at 127\.0\.0\.1:\d+ on this host/);
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
    expect(await refusal('kill-memcached')).toMatch(
      new RegExp(`nothing is known to start memcached local \\(pid ${process.pid}\\) again .*--restart`),
    );
    const { victim } = await prepare('kill-memcached', '--restart', 'true');
    expect(victim.steps).toMatchObject([{ type: 'restart', command: 'true', process: { pid: process.pid } }]);
  });

  test('a link that is not there', async () => {
    said.instances = [instance({ interface: 'no-such-link0' })];
    expect(await refusal('cut-link')).toMatch(/no-such-link0|CAP_NET_ADMIN/);
    said.instances = [instance({ interface: 'lo' })];
    expect(await refusal('cut-link')).toMatch(/lo is no link that could be cut/);
  });

  test('a second drill on the host', async () => {
    const name = `\0memcache-ha-drill-test-${process.pid}`;
    await claimDrill(name);
    await expect(claimDrill(name)).rejects.toThrow('another drill runs on this host');
  });
});

/** Standard input is no terminal here. */
test.each([
  [['hang-agent'], 2],
  [['unplug', '--yes'], 2],
  [['hang-agent', '--yes', '--report', '/nowhere/r.svg'], 2],
  [['hang-agent', '--yes', '--report', '/tmp/r.txt'], 2],
] as const)('bad usage: %j', async (words, code) => {
  expect(await runDrill(words, control, '0')).toBe(code);
});
