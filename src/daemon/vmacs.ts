/**
 * The interfaces of all instances with use_vmac: there while the daemon runs and their base is there, gone afterwards.
 * Which addresses are on them is for perform.ts.
 */
import { dirname, join } from 'node:path';
import type { InstanceConfig } from '../config/config.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { KernelSettings } from '../io/kernel-settings.ts';
import type { Network } from '../io/network.ts';
import { makeVmac, removeVmac, type VmacInterface } from '../io/vmac.ts';

export interface VmacsOptions {
  readonly instances: readonly InstanceConfig[];
  readonly batch: IpBatch;
  readonly settings: KernelSettings;
  readonly onError: (error: Error) => void;
}

export interface Vmacs {
  /** Removes what a daemon that was killed left; rejects when one of the names is somebody else's interface. */
  clear(): Promise<void>;
  /** Makes those that are missing; resolves when done, and rejects when one cannot be made. */
  make(network: Network): Promise<void>;
  /** The same later on: tells errors to `onError`, and tries again with the next change of the network. */
  update(network: Network): void;
  /** Removes all and puts the kernel's settings back; resolves in any case. */
  remove(): Promise<void>;
}

/** Does nothing yet. */
export function createVmacs({ instances, batch, settings, onError }: VmacsOptions): Vmacs {
  const vmacs = vmacInterfaces(instances);
  let busy = false;
  let closed = false;

  const make = async (network: Network): Promise<void> => {
    // Without its base it waits; the base's end is its end too.
    const missing = vmacs.filter(({ name, base }) => network.has(base) && !network.has(name));
    for (const vmac of missing) await makeVmac(batch, settings, vmac);
  };

  const restoreSettings = (): void => {
    for (const message of settings.restore()) onError(new Error(message));
  };

  return {
    async clear() {
      for (const vmac of vmacs) await removeVmac(batch, vmac);
      restoreSettings();
    },
    make,
    update(network) {
      if (busy || closed) return;
      busy = true;
      make(network)
        .catch(onError)
        .finally(() => {
          busy = false;
        });
    },
    async remove() {
      closed = true;
      for (const vmac of vmacs) {
        await removeVmac(batch, vmac).catch(onError);
      }
      restoreSettings();
    },
  };
}

/** Where the kernel's settings of before are kept: beside the control socket, because they too end with a reboot. */
export function kernelSettingsFile(control: string): string {
  return join(dirname(control), 'kernel-settings.json');
}

/** What the instances ask for. */
export function vmacInterfaces(instances: readonly InstanceConfig[]): VmacInterface[] {
  return instances.flatMap(({ interface: base, vmac }) =>
    vmac === null ? [] : [{ name: vmac.name, base, mac: vmac.mac }],
  );
}
