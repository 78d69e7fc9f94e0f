/** When the neighbours are forgotten that packets of a proxy wait for. */
import { expect, test } from 'vitest';
import { createLateWrites } from '../../../src/daemon/late-writes.ts';
import type { Interface, Network } from '../../../src/io/network.ts';

const A = { host: '10.9.0.101', port: 11211 };
const B = { host: 'fd00::102', port: 11211 };
const NAMED = { host: 'cache.example', port: 11211 };

function run() {
  const asked: string[] = [];
  const lateWrites = createLateWrites({
    batch: {
      run: async (command) => {
        asked.push(command);
        return '';
      },
      close: () => {},
    },
    proxies: () => [
      { servers: [A, NAMED], backups: [B] },
      { servers: [B], backups: [] },
    ],
    onError: () => {},
  });
  return { asked, lateWrites };
}

function network(...links: readonly (readonly [name: string, up: boolean])[]): Network {
  const of = (name: string, up: boolean): Interface => ({
    name,
    index: 1,
    mac: new Uint8Array(6),
    up,
    addresses: [],
  });
  return new Map(links.map(([name, up]) => [name, of(name, up)]));
}

const ALL = ['neigh flush to 10.9.0.101 nud incomplete', 'neigh flush to fd00::102 nud incomplete'];

test('each memcached with an address, once, when a proxy has ended', () => {
  const { asked, lateWrites } = run();
  lateWrites.forget();
  expect(asked).toEqual(ALL);
});

test('when an interface comes up, and by nothing else that happens to interfaces', () => {
  const { asked, lateWrites } = run();
  lateWrites.update(network(['eth0', true], ['eth1', false]));
  lateWrites.update(network(['eth0', false], ['eth1', false]));
  lateWrites.update(network(['eth1', false]));
  expect(asked).toEqual([]);
  lateWrites.update(network(['eth0', true], ['eth1', false]));
  expect(asked).toEqual(ALL);
});
