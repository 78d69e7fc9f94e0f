/** The words for `ip` that put a virtual address on and take it away. */
import { expect, test } from 'vitest';
import { type IpBatch, IpError } from '../../../src/io/ip-batch.ts';
import { type AddressOnInterface, putAddress, removeAddress } from '../../../src/io/virtual-address.ts';

const address = (changes: Partial<AddressOnInterface>): AddressOnInterface => ({
  address: '10.9.0.5',
  prefixLength: 32,
  dev: 'eth0',
  label: null,
  scope: null,
  brd: null,
  ...changes,
});

function batch(answer: (command: string) => string = () => ''): IpBatch & { commands: string[] } {
  const commands: string[] = [];
  return {
    commands,
    run: async (command) => {
      commands.push(command);
      return answer(command);
    },
    close: () => {},
  };
}

test.each<[Partial<AddressOnInterface>, number | null, string]>([
  [{}, 2000, 'addr change 10.9.0.5/32 dev eth0 valid_lft 2 preferred_lft 2'],
  [{}, null, 'addr change 10.9.0.5/32 dev eth0 valid_lft forever preferred_lft forever'],
  [
    { prefixLength: 24, brd: '10.9.0.255', label: 'eth0:1', scope: 'link' },
    2000,
    'addr change 10.9.0.5/24 dev eth0 brd 10.9.0.255 label eth0:1 scope link valid_lft 2 preferred_lft 2',
  ],
  // As keepalived: a /128 is deprecated, any other prefix is not, and neither waits for duplicate address detection.
  [
    { address: 'fd00:9::5', prefixLength: 128 },
    2000,
    'addr change fd00:9::5/128 dev eth0 valid_lft 2 preferred_lft 0 nodad',
  ],
  [
    { address: 'fd00:9::5', prefixLength: 64 },
    2000,
    'addr change fd00:9::5/64 dev eth0 valid_lft 2 preferred_lft 2 nodad',
  ],
  [
    { address: 'fd00:9::5', prefixLength: 128 },
    null,
    'addr change fd00:9::5/128 dev eth0 valid_lft forever preferred_lft 0 nodad',
  ],
])('%j for %s ms', async (on, lease, command) => {
  const ip = batch();
  await putAddress(ip, address(on), lease);
  expect(ip.commands).toEqual([command]);
});

test.each([
  'RTNETLINK answers: Cannot assign requested address',
  'Error: ipv4: Address not found.',
  'Error: ipv6: address not found.',
  'Cannot find device "eth0"',
])('an address that is not there is taken away already: %s', async (said) => {
  const ip = batch(() => {
    throw new IpError(said);
  });
  await removeAddress(ip, address({ address: 'fd00:9::5', prefixLength: 64 }));
  expect(ip.commands).toEqual(['addr del fd00:9::5/64 dev eth0']);
});

test('another failure to take it away is told', async () => {
  const ip = batch(() => {
    throw new IpError('RTNETLINK answers: Operation not permitted');
  });
  await expect(removeAddress(ip, address({}))).rejects.toThrow('Operation not permitted');
});
