/** The command lines and files that the known programs are started with. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ProxyConfig } from '../../../../src/config/config.ts';
import {
  createProgram,
  magentCommand,
  missingProxy,
  nutcrackerConfiguration,
} from '../../../../src/daemon/proxies/engine.ts';
import { memcachedProxyCommand, memcachedProxyLua } from '../../../../src/daemon/proxies/memcached-proxy.ts';

const [SERVER, BACKUP] = ['10.9.0.101', '10.9.0.102'].map((host) => ({ host, port: 11211 }));
const FRONT: ProxyConfig = {
  name: 'front',
  listen: { host: '10.9.0.250', port: 12000 },
  servers: [SERVER!],
  backups: [BACKUP!],
  refillItems: 10_000,
  refillBytes: 16_000_000,
  run: 'on_master',
  engine: 'bundled',
  command: null,
};

test('magent: in the foreground, with the tutorial’s flags', () => {
  expect(magentCommand(FRONT).join(' ')).toBe(
    'magent -D -l 10.9.0.250 -p 12000 -s 10.9.0.101:11211 -b 10.9.0.102:11211',
  );
});

test('nutcracker: one pool of all of them, the dead ejected', () => {
  const lines = nutcrackerConfiguration(FRONT).split('\n');
  expect(lines).toContain('  listen: 10.9.0.250:12000');
  expect(lines).toContain('  auto_eject_hosts: true');
  expect(lines.slice(-3)).toEqual(['    - 10.9.0.101:11211:1', '    - 10.9.0.102:11211:1', '']);
});

test('nutcracker: any name that a proxy may have is one of a file, and of a pool', () => {
  const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-engine-'));
  const config = { ...FRONT, name: 'a/b: #1,"x"', engine: 'nutcracker' } as const;
  createProgram(config, { self: { runtime: [], program: [] }, directory, onLine: () => {} }).close();
  const [file = '', ...more] = readdirSync(directory);
  expect(more).toEqual([]);
  const pools = parse(readFileSync(join(directory, file), 'utf8')) as Record<string, { listen: string }>;
  expect(Object.values(pools).map(({ listen }) => listen)).toEqual(['10.9.0.250:12000']);
  rmSync(directory, { recursive: true });
});

describe('memcached’s own proxy', () => {
  test('is memcached with one worker; -u for root alone', () => {
    const line = 'memcached -l 10.9.0.250 -p 12000 -U 0 -t 1 -c 4096';
    const option = '-o proxy_config=/run/front.lua';
    expect(memcachedProxyCommand(FRONT, '/run/front.lua', true).join(' ')).toBe(`${line} -u root ${option}`);
    expect(memcachedProxyCommand(FRONT, '/run/front.lua', false).join(' ')).toBe(`${line} ${option}`);
  });

  test('with backups: two pools, writes to both, reads with a second try', () => {
    const lua = memcachedProxyLua(FRONT);
    expect(lua).toContain('servers = mcp.pool({ mcp.backend("server1", "10.9.0.101", 11211) }),');
    expect(lua).toContain('backups = mcp.pool({ mcp.backend("backup1", "10.9.0.102", 11211) }),');
    expect(lua).toContain('rctx:enqueue(request, { server, backup })');
    expect(lua).toContain('mcp.attach(mcp.CMD_ANY_STORAGE, route(pools, "write", write))');
    expect(lua).toContain('mcp.attach(mcp.CMD_CAS, route(pools, "compare", compare))');
  });

  test('several servers are one pool each', () => {
    const lua = memcachedProxyLua({ ...FRONT, servers: [SERVER!, BACKUP!], backups: [BACKUP!, SERVER!] });
    expect(lua).toContain('"server1", "10.9.0.101", 11211), mcp.backend("server2", "10.9.0.102", 11211)');
    expect(lua).toContain('"backup1", "10.9.0.102", 11211), mcp.backend("backup2", "10.9.0.101", 11211)');
  });

  test('without backups it distributes, and no function of a pair is there', () => {
    const lua = memcachedProxyLua({ ...FRONT, backups: [] });
    expect(lua).toContain('mcp.attach(mcp.CMD_ANY_STORAGE, pools.servers)');
    expect(lua).toContain('backups = nil,');
    expect(lua).not.toContain('pools.backups');
  });

  test.each([
    [null, 'memcached is not installed'],
    [
      'memcached 1.6.18\n-p, --port=<num>  TCP port to listen on\n',
      'memcached 1.6.18 has no built-in proxy; 1.6.23 or later is needed, built with --enable-proxy',
    ],
    ['memcached 1.6.38\n   - proxy_config:  path to lua library file\n', null],
  ])('is missed by what memcached -h says: %j', (help, reason) => {
    expect(missingProxy(help)).toBe(reason);
  });
});
