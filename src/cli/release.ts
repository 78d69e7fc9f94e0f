/**
 * `memcache-ha release`: takes every configured virtual address off this host, and what use_vmac made for them, for
 * emergencies and for a unit that is stopped for good. It asks nobody: a running daemon would put them back, so it refuses while one runs.
 */

import { dirname } from 'node:path';
import { formatProblem } from '../config/problem.ts';
import { recordFile } from '../daemon/caches/caches.ts';
import { kernelSettingsFile, vmacInterfaces } from '../daemon/vmacs.ts';
import { readRecord } from '../io/child-record.ts';
import { askControl } from '../io/control-socket.ts';
import { openIpBatch } from '../io/ip-batch.ts';
import { openKernelSettings } from '../io/kernel-settings.ts';
import { isAlive } from '../io/process-identity.ts';
import { removeAddress } from '../io/virtual-address.ts';
import { removeVmac } from '../io/vmac.ts';
import { readConfigFile } from './config-file.ts';
import { DEFAULT_CONFIG, readOptions } from './options.ts';

/** How long a running daemon may take to show itself, in ms. */
const PATIENCE = 1_000;

/** Exit 0 when none of the addresses is here any more, 1 when one could not be removed or a daemon runs. */
export async function release(argv: readonly string[]): Promise<number> {
  const options = readOptions('release', argv, { config: { type: 'string', default: DEFAULT_CONFIG } });
  if (options === null) return 2;
  const { config, problems } = readConfigFile(options.config);
  if (config === null) {
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 2;
  }
  if (await isRunning(config.global.control)) {
    process.stderr.write('memcache-ha release: the daemon runs and would put them back; stop or drain it\n');
    return 1;
  }
  const batch = openIpBatch();
  let code = 0;
  const failed = (error: Error): void => {
    process.stderr.write(`memcache-ha release: ${error.message}\n`);
    code = 1;
  };
  for (const { virtualAddresses, excludedAddresses } of config.instances) {
    for (const address of [...virtualAddresses, ...excludedAddresses]) {
      try {
        await removeAddress(batch, address);
        process.stdout.write(`${address.address} is not on ${address.dev}\n`);
      } catch (error) {
        failed(new Error(`${address.address}: ${(error as Error).message}`));
      }
    }
  }
  for (const vmac of vmacInterfaces(config.instances)) {
    await removeVmac(batch, vmac).then(() => process.stdout.write(`there is no ${vmac.name}\n`), failed);
  }
  // Its end would be the end of what it holds, which nobody asked for.
  for (const { name, command } of config.memcached) {
    const found = command === null ? null : readRecord(recordFile(dirname(config.global.control), name));
    if (found === null || !isAlive(found)) continue;
    process.stdout.write(`memcached ${name} goes on, pid ${found.pid}; to end it: kill ${found.pid}\n`);
  }
  const settings = openKernelSettings(kernelSettingsFile(config.global.control));
  for (const message of settings.restore()) failed(new Error(message));
  batch.close();
  return code;
}

async function isRunning(control: string): Promise<boolean> {
  try {
    await askControl(control, { command: 'status' }, PATIENCE);
    return true;
  } catch {
    return false;
  }
}
