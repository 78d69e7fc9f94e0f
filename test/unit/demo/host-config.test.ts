import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { hostConfig } from '../../../src/demo/host-config.ts';

const options = {
  address: '10.9.0.101',
  peer: '10.9.0.102',
  control: '/tmp/a/control.sock',
  hook: '/tmp/a/notify.sh',
};

test.each([
  ['A', 100],
  ['B', 99],
] as const)('host %s: a config without a fault, with priority %d', (label, priority) => {
  const { config, problems } = loadConfig('demo.yaml', hostConfig({ label, ...options }));
  expect(problems).toEqual([]);
  expect(config?.proxies[0]).toMatchObject({ engine: 'bundled', run: 'always' });
  expect(config?.instances[0]?.vrrp).toMatchObject({ version: 2, priority, advertisementInterval: 1000 });
  expect(config?.instances[0]?.hooks.fault).toEqual([options.hook, 'Fault']);
});
