/** The guests themselves: a boot is a boot, and nothing of one is left whoever ends it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { spawnIn } from '../../src/lab/process.ts';
import { sweep } from '../../src/lab/remains.ts';
import { bundle } from '../netns/support/bundle.ts';
import { createGuest } from './support/guest.ts';
import { baseImage } from './support/image.ts';

const PREFIX = 'mhaguestt';
let lab: Lab<'a' | 'b'> | null = null;
afterEach(async () => {
  await lab?.destroy();
  lab = null;
});

/** Control groups whose name begins with this. */
const groups = (name: string) =>
  ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']
    .filter((hierarchy) => existsSync(hierarchy))
    .flatMap((hierarchy) => readdirSync(hierarchy).filter((entry) => entry.startsWith(name)));

test('systemd is PID 1, nothing failed, the disk outlives a reboot and a power cut, the address does not', async () => {
  lab = await createLab({ prefix: PREFIX });
  const guest = await createGuest(lab.hosts.a, { image: await baseImage() });
  await guest.boot();
  expect(await guest.sh('cat /proc/1/comm')).toBe('systemd');
  expect(await guest.sh('systemctl --failed --no-legend')).toBe('');
  const id = await guest.sh('cat /etc/machine-id');
  const firstBoot = await guest.sh('cat /proc/1/stat | cut -d" " -f22');
  await guest.sh('echo kept >/root/file; ip addr add 10.9.0.250/32 dev eth0');
  await guest.reboot();
  expect(await guest.sh('cat /proc/1/stat | cut -d" " -f22')).not.toBe(firstBoot);
  expect(await guest.sh('cat /root/file /etc/machine-id')).toBe(`kept\n${id}`);
  expect(await guest.host.holds('10.9.0.250')).toBe(false);
  await guest.cutPower();
  await expect(guest.sh('true')).rejects.toThrow('a is off');
  await guest.boot();
  expect(await guest.sh('cat /root/file')).toBe('kept');
  await guest.destroy();
  expect(guest.host.pids()).toEqual([]);
  expect(groups(lab.name)).toEqual([]);
});

test('an owner that is killed leaves no guest', async () => {
  const owner = spawnIn('/proc/self/ns/net', [
    ...(await bundle(`
      import { createLab } from './src/lab/namespaces.ts';
      import { createGuest } from './test/guests/support/guest.ts';
      import { baseImage } from './test/guests/support/image.ts';
      async function main() {
        const lab = await createLab({ prefix: '${PREFIX}' });
        const guest = await createGuest(lab.hosts.a, { image: await baseImage() });
        await guest.boot();
        console.log('up ' + lab.name + ' ' + lab.hosts.a.pids()[0]);
        setInterval(() => {}, 1000);
      }
      main();
    `)),
  ]);
  const { text } = await owner.stdout.waitFor(/^up /, 90_000);
  const [, name = '', pid = ''] = text.split(' ');
  expect(groups(name)).not.toEqual([]);
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toContain('NSpid:');
  owner.kill('SIGKILL');
  await owner.exited;
  await until('its control groups are gone', () => groups(name).length === 0, { timeout: 30_000, every: 50 });
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  sweep(PREFIX);
});
