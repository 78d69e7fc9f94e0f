/** What `use_vmac` and `vmac_xmit_base` of an instance come to, for the checks and for build. Defaults only, no checks. */
import type { DraftInstance } from './schema.ts';

/** The interface that `use_vmac` asks for. */
export interface FileVmac {
  readonly name: string;
  /** Advertisements go out from the instance's own interface. */
  readonly transmitBase: boolean;
}

type Given = Pick<DraftInstance, 'use_vmac' | 'vmac_xmit_base' | 'virtual_router_id' | 'unicast_peer'>;

/**
 * Null without `use_vmac`, or when its name cannot be known because the VRID is missing. As in keepalived the name is
 * `vrrp.VRID` by default, and unicast advertisements always go out from the instance's own interface: from the other
 * one a host would have to ask for its peers' MACs under the virtual router's, which is not its own to speak for.
 */
export function vmacOf({
  use_vmac,
  vmac_xmit_base,
  virtual_router_id,
  unicast_peer,
}: Given): FileVmac | null {
  if (use_vmac === undefined || use_vmac === false) return null;
  if (use_vmac === true && virtual_router_id === undefined) return null;
  return {
    name: use_vmac === true ? `vrrp.${virtual_router_id}` : use_vmac,
    transmitBase: vmac_xmit_base === true || (unicast_peer ?? []).length > 0,
  };
}

/**
 * Where an address with this `dev` goes. As in keepalived the instance's own interface stands for its virtual MAC's
 * interface when it has one.
 */
export function deviceOf<Device extends string | undefined>(
  dev: string | undefined,
  instance: Given & { readonly interface?: Device },
): string | Device {
  const own = vmacOf(instance)?.name ?? (instance.interface as Device);
  return dev === undefined || dev === instance.interface ? own : dev;
}
