/** As a service: no root, a manager that is told, hooks and proxies without rights, a successor in its place, no secrets. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { controlOf, type Daemon, startDaemon, watchDaemon, writeConfig } from './support/daemon.ts';
import { type Config, VIP } from './support/pair.ts';
import { superviseDaemon } from './support/supervised.ts';
import { reclaim, spawnUnprivileged } from './support/unprivileged.ts';

let lab: Lab<'a'>;
let host: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhasvc', hosts: ['a'] });
  host = lab.hosts.a;
});
afterEach(async () => {
  await host.powerOn();
  await reclaim(host);
});
afterAll(() => lab.destroy());

const config = (instance: Config = {}, rest: Config = {}): Config => ({
  vrrp_instance: {
    VI_1: { interface: 'eth0', virtual_router_id: 51, virtual_ipaddress: [VIP], advert_int: 1, ...instance },
  },
  ...rest,
});

/** Reads datagrams at a path and prints each as a line of JSON. */
const MANAGER = `
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
print("bound", flush=True)
while True: print(json.dumps(s.recv(4096).decode()), flush=True)
`;

async function manager(name: string): Promise<{ path: string; heard(): string[]; process: LabProcess }> {
  const path = join(host.directory, name);
  const process = host.spawn(['python3', '-c', MANAGER, path]);
  await process.stdout.waitFor(/bound/);
  return {
    path,
    process,
    heard: () => process.stdout.lines.slice(1).map(({ text }) => JSON.parse(text) as string),
  };
}

/** A script that says in a file who it is: user, capabilities, and the manager's words in its environment. */
function witness(name: string, then = ''): { script: string; says(): string[] } {
  const [script, file] = [join(host.directory, `${name}.sh`), join(host.directory, `${name}.txt`)];
  const tell = `{ id -un; grep ^CapEff /proc/self/status; env | grep -E '^(NOTIFY|WATCHDOG)' || echo none; } >${file}`;
  writeFileSync(script, `#!/bin/sh\n${tell}\n${then}\n`);
  chmodSync(script, 0o755);
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  return { script, says: () => readFileSync(file, 'utf8').trim().split('\n') };
}

const PLAIN = ['nobody', 'CapEff:\t0000000000000000', 'none'];

describe('as an ordinary user with CAP_NET_ADMIN and CAP_NET_RAW, under a manager', () => {
  test('it tells the manager; hooks, scripts and proxies have no rights, and nothing of the manager', async () => {
    const { path, heard } = await manager('notify');
    const [hook, check, proxy] = [witness('hook'), witness('check'), witness('proxy', 'exec sleep 600')];
    const file = writeConfig(
      host,
      config(
        { notify_master: hook.script, notify_backup: '/no/such/hook', track_script: ['chk'], proxy: 'front' },
        {
          vrrp_script: { chk: { script: check.script, interval: 0.2 } },
          proxy: { front: { listen: `${VIP}:12000`, run: 'always', command: [proxy.script] } },
        },
      ),
    );
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '600000' };
    const child = await spawnUnprivileged(host, ['run', '--config', file], { env });
    const daemon = watchDaemon(host, file, child);
    await daemon.waitState('MASTER');
    await daemon.waitLog(/^notify_master: exit code 0/);
    await daemon.waitLog(/^notify_backup: ENOENT/);
    for (const { says } of [hook, check, proxy]) {
      await until('it has said all', () => says().length >= PLAIN.length);
      expect(says()).toEqual(PLAIN);
    }

    await until('the manager knows the state', () =>
      heard().some((message) => message === `STATUS=VI_1 MASTER, ${VIP} held`),
    );
    const ready = heard().indexOf('READY=1');
    expect(ready).toBeGreaterThanOrEqual(0);
    const beats = () => heard().filter((message) => message === 'WATCHDOG=1').length;
    const before = beats();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(beats() - before).toBeGreaterThanOrEqual(2);

    const reloads = heard().length;
    expect((await daemon.command('reload')).code).toBe(0);
    writeFileSync(file, 'vrrp_instance: 1\n');
    expect((await daemon.command('reload')).code).toBe(1);
    const said = () =>
      heard()
        .slice(reloads)
        .map((message) => message.split('\n')[0]!)
        .filter((message) => /^(READY|RELOADING)/.test(message));
    await until('the manager knows of both reloads', () => said().length >= 4);
    expect(said()).toEqual(['RELOADING=1', 'READY=1', 'RELOADING=1', 'READY=1']);

    child.kill('SIGTERM');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await until('the manager knows of the end', () =>
      heard().some((message) => message.startsWith('STOPPING=1')),
    );
    // The handover with nobody there, the hooks of an instance and of its group, and a rest.
    expect(heard().find((message) => message.startsWith('STOPPING=1'))).toBe(
      'STOPPING=1\nEXTEND_TIMEOUT_USEC=69000000',
    );
    expect(host.pids()).toHaveLength(1); // the manager
  });

  test('its helpers and its proxy die with it, even by SIGKILL', async () => {
    const proxy = witness('proxy', 'exec sleep 600');
    const file = writeConfig(
      host,
      config(
        { proxy: 'front' },
        { proxy: { front: { listen: `${VIP}:12000`, run: 'always', command: [proxy.script] } } },
      ),
    );
    const child = await spawnUnprivileged(host, ['run', '--config', file]);
    await watchDaemon(host, file, child).waitState('MASTER');
    await until('the proxy runs', () => proxy.says().length === PLAIN.length);
    child.kill('SIGKILL');
    await child.exited;
    await until('nothing runs any more', () => host.pids().length === 0);
  });

  test('a script_user whom it may not become: one line, exit 1', async () => {
    const file = writeConfig(host, config({}, { global_defs: { script_user: 'daemon' } }));
    const child = await spawnUnprivileged(host, ['run', '--config', file]);
    expect((await child.exited).code).toBe(1);
    expect(child.stderr.text()).toMatch(/^memcache-ha: global_defs\.script_user: daemon: .* not root .*$/);
  });

  test('with CAP_SETUID, CAP_SETGID and CAP_KILL a hook is that user, without rights, and is killed in time', async () => {
    const hook = witness('hook');
    const hang = join(host.directory, 'hang.sh');
    writeFileSync(hang, '#!/bin/sh\nsleep 600\n');
    chmodSync(hang, 0o755);
    const file = writeConfig(
      host,
      config(
        { notify_fault: hook.script, track_script: ['chk'] },
        {
          global_defs: { script_user: 'daemon' },
          vrrp_script: { chk: { script: hang, interval: 0.2, timeout: 0.2 } },
        },
      ),
    );
    const capabilities = '+net_raw,+net_admin,+setuid,+setgid,+kill';
    const child = await spawnUnprivileged(host, ['run', '--config', file], { capabilities });
    const daemon = watchDaemon(host, file, child);
    const { faults } = await daemon.waitState('FAULT');
    expect(faults[0]!.detail).toMatch(/no end within 200 ms/);
    await daemon.waitLog(/^notify_fault: exit code 0/);
    expect(hook.says()).toEqual(['daemon', ...PLAIN.slice(1)]);
    child.kill('SIGTERM');
    expect((await child.exited).code).toBe(0);
  });
});

test('use_vmac where /proc/sys is read-only: refused by a reload, one line at a start', async () => {
  const file = writeConfig(host, config());
  const words = [
    process.execPath,
    join(import.meta.dirname, '../../dist/memcache-ha.cjs'),
    'run',
    '--config',
  ];
  const readOnly = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind -o ro /proc/sys /proc/sys && exec "$@"',
    'ro',
  ];
  const daemon = watchDaemon(host, file, host.spawn([...readOnly, ...words, file]));
  await daemon.waitState('MASTER');
  const withVmac = writeConfig(
    host,
    config(
      { use_vmac: true, proxy: 'front' },
      { proxy: { front: { listen: `${VIP}:12000`, run: 'always', servers: ['127.0.0.1:11211'] } } },
    ),
  );
  writeFileSync(file, readFileSync(withVmac));
  const { code, stderr } = await daemon.command('reload');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^use_vmac: cannot change .*: EROFS; under systemd .*use-vmac\.conf$/m);
  expect((await daemon.instance()).state).toBe('MASTER');
  await daemon.process.stop();

  const again = host.spawn([...readOnly, ...words, withVmac]);
  expect(await again.exited).toEqual({ code: 1, signal: null });
  expect(again.stderr.text()).toMatch(/^memcache-ha: use_vmac: cannot change .*: EROFS.*$/);
  expect(host.pids()).toEqual([]);
});

test('SIGUSR2 leaves everything to the next daemon, which goes on as MASTER', async () => {
  const { daemon } = await superviseDaemon(host, config({ advert_int: 2 }));
  await daemon.waitState('MASTER');
  await until('it holds the VIP', () => host.holds(VIP));
  const { pid } = await daemon.status();
  process.kill(pid, 'SIGUSR2');
  await until('another one answers', async () => (await daemon.status()).pid !== pid);
  const { transitions } = await daemon.waitState('MASTER');
  expect(transitions.map(({ reason }) => reason)).toEqual(['restart']);
  expect(await host.holds(VIP)).toBe(true);
  await daemon.process.stop();
});

describe('nothing secret is told', () => {
  const SECRETS = ['s3cr3t-1', 's3cr3t-2', 's3cr3t-3'];

  test('not in the log, the status, the metrics, nor by a reload', async () => {
    const withSecret = (secret: string) =>
      config(
        { authentication: { auth_type: 'PASS', auth_pass: secret } },
        { global_defs: { log: { level: 'trace' } } },
      );
    const daemon: Daemon = await startDaemon(host, withSecret(SECRETS[0]!));
    await daemon.waitState('MASTER');
    const write = (text: string) => writeFileSync(daemon.file, text);
    const next = readFileSync(daemon.file, 'utf8').replace(SECRETS[0]!, SECRETS[1]!);
    write(next);
    const reloaded = await daemon.command('reload');
    expect(reloaded.stdout).toMatch(/authentication: another password/);
    write(next.replace(`"${SECRETS[1]}"`, `["${SECRETS[2]}"]`));
    const refused = await daemon.command('reload');
    expect(refused.code).toBe(1);
    const told = [
      ...[daemon.process.stdout.text(), daemon.process.stderr.text()],
      ...[reloaded, refused].flatMap(({ stdout, stderr }) => [stdout, stderr]),
      ...(await Promise.all(
        ['/metrics', '/status', '/healthz'].map(async (path) => (await daemon.get(path)).body),
      )),
      (await daemon.command('status')).stdout,
      (await daemon.command('status', '--json')).stdout,
      readFileSync(controlOf(host).replace('.sock', '.state'), 'utf8'),
    ];
    // Each has something to tell.
    for (const text of told.slice(6)) expect(text.length).toBeGreaterThan(10);
    for (const secret of SECRETS) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ]) {
        for (const text of told) expect(text).not.toContain(form);
      }
      const bytes = [...Buffer.from(secret)].join(',');
      for (const text of told) expect(text.replaceAll(/\s/g, '')).not.toContain(bytes);
    }
    await daemon.process.stop();
  });
});

test('--pretty is for people: no JSON, one line each', async () => {
  const file = writeConfig(host, config());
  const child = host.spawn([
    process.execPath,
    join(import.meta.dirname, '../../dist/memcache-ha.cjs'),
    'run',
    '--pretty',
    '--config',
    file,
  ]);
  await child.stdout.waitFor(/BACKUP -> MASTER/);
  child.kill('SIGTERM');
  expect((await child.exited).code).toBe(0);
  const lines = child.stdout.text().trim().split('\n');
  expect(lines.at(-1)).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: stopped$/);
  for (const line of lines) expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] (DEBUG|INFO|WARN|ERROR): /);
});
