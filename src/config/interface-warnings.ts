/** Warnings about interfaces that a host does not have. The list of its interfaces is the caller's to fetch. */

import type { LoadedConfig } from './load.ts';
import { formatPath, type Path } from './place.ts';
import type { Problem } from './problem.ts';

/**
 * One warning for each place in the file that names an interface which is not among `existing`. Empty when the config
 * did not load. Not an error: the daemon waits in FAULT until the interface appears.
 */
export function interfaceProblems(loaded: LoadedConfig, existing: readonly string[]): readonly Problem[] {
  const made = (loaded.config?.instances ?? []).flatMap(({ vmac }) => (vmac === null ? [] : [vmac.name]));
  const named: { readonly path: Path; readonly device: string; readonly fault: boolean }[] = [];
  for (const instance of loaded.config?.instances ?? []) {
    const path = ['vrrp_instance', instance.name];
    named.push({ path: [...path, 'interface'], device: instance.interface, fault: true });
    instance.trackInterfaces.forEach(({ name, weight, reverse }, index) => {
      named.push({
        path: [...path, 'track_interface', index],
        device: name,
        fault: weight === 0 && !reverse,
      });
    });
    for (const [list, addresses] of [
      ['virtual_ipaddress', instance.virtualAddresses],
      ['virtual_ipaddress_excluded', instance.excludedAddresses],
    ] as const) {
      addresses.forEach(({ dev }, index) => {
        if (dev !== instance.interface)
          named.push({ path: [...path, list, index, 'dev'], device: dev, fault: true });
      });
    }
  }
  return named
    .filter(({ device }) => !existing.includes(device) && !made.includes(device))
    .map(({ path, device, fault }) => ({
      severity: 'warning',
      file: loaded.file,
      ...loaded.locate(path),
      key: formatPath(path),
      message: `this host has no interface ${device}; ${fault ? 'run waits in FAULT' : 'it counts as down'} until it appears`,
    }));
}
