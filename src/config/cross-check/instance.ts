/** Checks of two or more values within one instance. Values come from a draft: anything may be missing. */

import { familyOf } from '../../core/ip-address.ts';
import { versionOf } from '../family.ts';
import type { Findings } from '../findings.ts';
import { canonicalAddress } from '../host-address.ts';
import type { Inherited } from '../inherited.ts';
import type { Path } from '../place.ts';
import { preempts } from '../preemption.ts';
import type { DraftInstance } from '../schema.ts';
import { autoLease } from '../vip-lease.ts';
import { parseVirtualAddress, virtualIp } from '../virtual-address.ts';
import { deviceOf } from '../vmac.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { checkFamilies } from './families.ts';

/** Reports what does not fit together in the instance at `path`; `inherited` holds for what it leaves out. */
export function checkInstance(
  instance: DraftInstance,
  inherited: Inherited,
  path: Path,
  tree: YamlTree,
  findings: Findings,
): void {
  checkVersion(instance, inherited, path, findings);
  checkPassword(instance, path, tree, findings);
  checkPreemption(instance, path, findings);
  checkLease(instance, inherited, path, findings);
  checkSource(instance, path, findings);
  checkFamilies(instance, path, findings);
  checkLabels(instance, path, findings);
}

function checkVersion(instance: DraftInstance, inherited: Inherited, path: Path, findings: Findings): void {
  if (instance.version !== undefined && instance.vrrp_version !== undefined) {
    findings.error([...path, 'vrrp_version'], 'is another name of version, give only one of the two', 'key');
  }
  const version = versionOf(instance, inherited);
  const interval = instance.advert_int;
  if (interval !== undefined && version === 2 && !Number.isInteger(interval)) {
    findings.error(
      [...path, 'advert_int'],
      `is ${interval}, must be a whole number of seconds from 1 to 255 with VRRP version 2 (keepalived would round it in silence); version 3 allows fractions`,
    );
  }
  // A step of 10 ms as a binary fraction is only nearly whole.
  if (interval !== undefined && version === 3) {
    const steps = Math.round(interval * 100);
    if (steps > 4095 || Math.abs(steps - interval * 100) > 1e-6) {
      findings.error(
        [...path, 'advert_int'],
        `is ${interval}, must be from 0.01 to 40.95 seconds in steps of 0.01 with VRRP version 3`,
      );
    }
  }
  if (instance.authentication !== undefined && version === 3) {
    findings.error(
      [...path, 'authentication'],
      'VRRP version 3 has no authentication, remove this or use version 2',
      'key',
    );
  }
}

function checkPassword(instance: DraftInstance, path: Path, tree: YamlTree, findings: Findings): void {
  if (instance.authentication?.auth_pass === undefined) return;
  const at = [...path, 'authentication', 'auth_pass'];
  const password = tree.text(at) ?? '';
  // The password itself stands in no message.
  if (password === '') findings.error(at, 'is empty, must be the password, 1 to 8 characters');
  else if (new TextEncoder().encode(password).length > 8) {
    findings.warning(at, 'is longer than 8 characters, only the first 8 are used (keepalived cuts it too)');
  }
}

function checkPreemption(instance: DraftInstance, path: Path, findings: Findings): void {
  const { state, nopreempt, preempt_delay: delay } = instance;
  const nopreemptHas = (what: string) =>
    findings.warning([...path, 'nopreempt'], `has no effect with ${what}`);
  if (nopreempt === true && state === 'MASTER') {
    nopreemptHas('state MASTER, as in keepalived; use state BACKUP on both hosts');
  } else if (nopreempt === true && instance.priority === 255) nopreemptHas('priority 255, as in keepalived');
  else if (nopreempt === true && instance.preempt === true) nopreemptHas('preempt, which cancels it');
  if (delay === undefined || delay === 0) return;
  if (state === 'MASTER') {
    findings.warning([...path, 'preempt_delay'], 'has no effect with state MASTER, as in keepalived');
  } else if (!preempts(instance)) {
    findings.warning([...path, 'preempt_delay'], 'has no effect with nopreempt, as in keepalived');
  }
}

function checkLease(instance: DraftInstance, inherited: Inherited, path: Path, findings: Findings): void {
  const lease = instance.vip_lease;
  if (typeof lease !== 'number') return;
  const adverts = instance.down_timer_adverts ?? inherited.down_timer_adverts;
  const entries = [...(instance.virtual_ipaddress ?? []), ...(instance.virtual_ipaddress_excluded ?? [])];
  const addresses = entries.map(virtualIp).filter((address) => address !== undefined);
  const longest = autoLease((instance.advert_int ?? 1) * 1000, adverts, addresses) / 1000;
  if (lease > longest) {
    findings.warning(
      [...path, 'vip_lease'],
      `is ${lease}, with more than ${longest} a peer takes over while the address of a killed daemon is still here`,
    );
  }
}

function checkSource(instance: DraftInstance, path: Path, findings: Findings): void {
  if (instance.unicast_src_ip !== undefined && instance.mcast_src_ip !== undefined) {
    findings.error(
      [...path, 'mcast_src_ip'],
      'is another name of unicast_src_ip, give only one of the two',
      'key',
    );
  }
  const source = instance.unicast_src_ip ?? instance.mcast_src_ip;
  const own = source === undefined ? undefined : canonicalAddress(source);
  const virtual = new Set((instance.virtual_ipaddress ?? []).map(virtualIp));
  const seen = new Set<string>();
  instance.unicast_peer?.forEach((entry, index) => {
    if (entry === undefined) return;
    const peer = canonicalAddress(entry);
    const at = [...path, 'unicast_peer', index];
    if (peer === own)
      findings.error(at, `is ${peer}, this host's own unicast_src_ip; a peer is another host`);
    else if (virtual.has(peer))
      findings.error(at, `is ${peer}, a virtual address; a peer has an address of its own`);
    else if (seen.has(peer)) findings.error(at, `is ${peer}, which is in the list already`);
    seen.add(peer);
  });
}

// `ip address add` refuses a label that does not begin with the name of the device. IPv6 addresses have neither labels
// nor broadcast addresses; the kernel ignores them in silence.
function checkLabels(instance: DraftInstance, path: Path, findings: Findings): void {
  for (const list of ['virtual_ipaddress', 'virtual_ipaddress_excluded'] as const) {
    instance[list]?.forEach((entry, index) => {
      if (entry === undefined) return;
      const at = [...path, list, index];
      const text = typeof entry === 'string' ? parseVirtualAddress(entry) : null;
      const fields = typeof entry === 'string' ? (text?.ok ? text.value : {}) : entry;
      const address = virtualIp(entry);
      if (address !== undefined && familyOf(address) === 6) {
        for (const key of ['label', 'brd'] as const) {
          if (fields[key] === undefined) continue;
          findings.error(
            typeof entry === 'string' ? at : [...at, key],
            `an IPv6 address has no ${key}, remove it`,
          );
        }
        return;
      }
      const dev = deviceOf(fields.dev, instance);
      if (fields.label === undefined || dev === undefined || fields.label.startsWith(dev)) return;
      findings.error(
        typeof entry === 'string' ? at : [...at, 'label'],
        `the label ${fields.label} must begin with the interface's name, such as ${dev}:1`,
      );
    });
  }
}
