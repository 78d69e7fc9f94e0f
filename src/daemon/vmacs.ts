/**
 * The interfaces of all instances with use_vmac: there while the daemon runs and their base is there, gone afterwards.
 * Which addresses are on them is for perform.ts.
 */
import { dirname, join } from 'node:path';
import type { InstanceConfig } from '../config/config.ts';
import { same } from '../config/diff/same.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { KernelSettings } from '../io/kernel-settings.ts';
import type { Network } from '../io/network.ts';
import { checkVmacs, makeVmac, removeVmac, type VmacInterface } from '../io/vmac.ts';

export interface VmacsOptions {
  readonly batch: IpBatch;
  readonly settings: KernelSettings;
  /** The kernel's interfaces as they are now. */
  readonly look: () => Promise<Network>;
  readonly onError: (error: Error) => void;
}

export interface Vmacs {
  /** Throws when the interfaces of these instances could not be made here; changes nothing. */
  check(instances: readonly InstanceConfig[]): void;
  /**
   * These instances are to have their interfaces from now on. Removes those that nobody wants any more, and what a
   * daemon that was killed left of the others unless it is to be kept; then makes what is missing. Rejects when one of
   * the names is somebody else's interface, or when one cannot be made.
   */
  serve(instances: readonly InstanceConfig[], keep?: ReadonlySet<string>): Promise<void>;
  /** Makes those whose base has come, as the network changes; tells errors to `onError`. */
  update(network: Network): void;
  /** Removes all and puts the kernel's settings back; resolves in any case. */
  remove(): Promise<void>;
}

/** Has none yet. */
export function createVmacs({ batch, settings, look, onError }: VmacsOptions): Vmacs {
  let vmacs: readonly VmacInterface[] = [];
  let begun = false;
  let closed = false;
  let busy = false;
  let working: Promise<unknown> = Promise.resolve();

  /** One at a time; updates that come meanwhile are left to the next change of the network. */
  const work = (act: () => Promise<void>): Promise<void> => {
    busy = true;
    const done = working.then(act).finally(() => {
      busy = working !== settled;
    });
    const settled = done.catch(() => {});
    working = settled;
    return done;
  };

  const make = async (network: Network): Promise<void> => {
    // Without its base it waits; the base's end is its end too.
    const missing = vmacs.filter(({ name, base }) => network.has(base) && !network.has(name));
    for (const vmac of missing) await makeVmac(batch, settings, vmac);
  };

  const restoreSettings = (): void => {
    for (const message of settings.restore()) onError(new Error(message));
  };

  const change = async (next: readonly VmacInterface[], keep: ReadonlySet<string>): Promise<void> => {
    const isIn = (list: readonly VmacInterface[], vmac: VmacInterface) =>
      list.some((each) => same(each, vmac));
    const gone = vmacs.filter((vmac) => !isIn(next, vmac));
    const fresh = next.filter((vmac) => !isIn(vmacs, vmac));
    if (begun && gone.length === 0 && fresh.length === 0) return;
    vmacs = next;
    for (const vmac of gone) await removeVmac(batch, vmac);
    for (const vmac of fresh) if (!keep.has(vmac.name)) await removeVmac(batch, vmac);
    // What a daemon that was killed had set is put back, unless the interfaces that it was set for stay.
    if (begun ? next.length === 0 : keep.size === 0) restoreSettings();
    begun = true;
    await make(await look());
  };

  return {
    check(instances) {
      if (vmacInterfaces(instances).length === 0) return;
      try {
        checkVmacs(settings);
      } catch (error) {
        throw new Error(
          `use_vmac: ${(error as Error).message}; under systemd it needs drop-ins/use-vmac.conf`,
        );
      }
    },
    serve: (instances, keep = new Set()) => work(() => change(vmacInterfaces(instances), keep)),
    update(network) {
      if (busy || closed) return;
      work(() => make(network)).catch(onError);
    },
    async remove() {
      closed = true;
      await working;
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
