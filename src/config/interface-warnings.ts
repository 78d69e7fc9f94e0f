/** Warnings about interfaces that a host does not have. The list of its interfaces is the caller's to fetch. */

import type { LoadedConfig } from './load.ts';
import type { Problem } from './problem.ts';
import { formatPath, type Path } from './yaml-tree.ts';

/**
 * One warning for each place in the file that names an interface which is not among `existing`. Empty when the config
 * did not load. Not an error: the daemon waits in FAULT until the interface appears.
 */
export function interfaceProblems(loaded: LoadedConfig, existing: readonly string[]): readonly Problem[] {
  const named: { readonly path: Path; readonly device: string }[] = [];
  for (const instance of loaded.config?.instances ?? []) {
    const path = ['vrrp_instance', instance.name];
    named.push({ path: [...path, 'interface'], device: instance.interface });
    instance.trackInterfaces.forEach(({ name }, index) => {
      named.push({ path: [...path, 'track_interface', index], device: name });
    });
    instance.virtualAddresses.forEach(({ dev }, index) => {
      if (dev !== instance.interface)
        named.push({ path: [...path, 'virtual_ipaddress', index], device: dev });
    });
    instance.excludedAddresses.forEach(({ dev }, index) => {
      if (dev === instance.interface) return;
      named.push({ path: [...path, 'virtual_ipaddress_excluded', index], device: dev });
    });
  }
  return named
    .filter(({ device }) => !existing.includes(device))
    .map(({ path, device }) => ({
      severity: 'warning',
      file: loaded.file,
      ...loaded.locate(path),
      key: formatPath(path),
      message: `this host has no interface ${device}; run waits in FAULT until it appears`,
    }));
}
