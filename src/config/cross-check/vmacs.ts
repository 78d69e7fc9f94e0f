/** Checks of use_vmac: each interface that is made needs a name of its own. */
import type { Findings } from '../findings.ts';
import type { Draft } from '../schema.ts';
import { vmacOf } from '../vmac.ts';

/** Reports names of interfaces to be made that are another's already, and keys without effect. */
export function checkVmacs(draft: Draft, findings: Findings): void {
  const instances = Object.entries(draft.vrrp_instance ?? {}).flatMap(([name, instance]) =>
    instance === undefined ? [] : [{ name, instance }],
  );
  const made = new Map<string, string>();
  for (const { name, instance } of instances) {
    const path = ['vrrp_instance', name];
    if (
      instance.vmac_xmit_base === true &&
      (instance.use_vmac === undefined || instance.use_vmac === false)
    ) {
      findings.error([...path, 'vmac_xmit_base'], 'has no effect without use_vmac', 'key');
    }
    const vmac = vmacOf(instance);
    if (vmac === null) continue;
    const at = [...path, 'use_vmac'];
    const base = instances.find((other) => other.instance.interface === vmac.name);
    const other = made.get(vmac.name);
    if (base !== undefined) {
      findings.error(at, `is ${vmac.name}, the interface of ${base.name}; give it a name that is not in use`);
    } else if (other !== undefined) {
      findings.error(at, `makes ${vmac.name}, as ${other} does already; give it another name`);
    } else made.set(vmac.name, name);
  }
}
