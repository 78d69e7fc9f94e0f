/** Warnings about interfaces that a host does not have, with their places. */
import { expect, test } from 'vitest';
import { interfaceProblems } from '../../../src/config/interface-warnings.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { load, withInstanceLines } from './sample.ts';

const TEXT = withInstanceLines(
  'track_interface: [eth0, eth1 weight 5, eth4 weight 0 reverse]',
  'virtual_ipaddress_excluded:',
  '  - 10.0.0.6',
  '  - 10.0.0.7 dev eth2',
  '  - { address: 10.0.0.8, dev: eth3 }',
);

function warnings(text: string, existing: string[]): string[] {
  return interfaceProblems(load(text), existing).map(formatProblem);
}

test('every place that names a missing interface has a warning', () => {
  const rest = 'run waits in FAULT until it appears';
  expect(warnings(TEXT, ['lo'])).toEqual([
    `ha.yaml:3:16: warning: vrrp_instance.VI_1.interface: this host has no interface eth0; ${rest}`,
    `ha.yaml:6:23: warning: vrrp_instance.VI_1.track_interface[0]: this host has no interface eth0; ${rest}`,
    `ha.yaml:6:29: warning: vrrp_instance.VI_1.track_interface[1]: this host has no interface eth1; it counts as down until it appears`,
    `ha.yaml:6:44: warning: vrrp_instance.VI_1.track_interface[2]: this host has no interface eth4; it counts as down until it appears`,
    `ha.yaml:9:9: warning: vrrp_instance.VI_1.virtual_ipaddress_excluded[1].dev: this host has no interface eth2; ${rest}`,
    `ha.yaml:10:35: warning: vrrp_instance.VI_1.virtual_ipaddress_excluded[2].dev: this host has no interface eth3; ${rest}`,
  ]);
});

test('none when all are there, and none for a config that does not load', () => {
  expect(warnings(TEXT, ['eth0', 'eth1', 'eth2', 'eth3', 'eth4'])).toEqual([]);
  expect(warnings(`${TEXT}x: 1\n`, [])).toEqual([]);
});

test('none for an interface that use_vmac makes', () => {
  const text = withInstanceLines('use_vmac: v51', 'track_interface: [v51]');
  expect(warnings(text, ['eth0'])).toEqual([]);
});
