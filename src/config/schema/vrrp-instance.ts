/** Schema of one `vrrp_instance`: the fields one by one. What two fields mean together is for cross-check. */
import * as z from 'zod/mini';
import { LARGEST_WEIGHT, parseTracked } from '../tracked.ts';
import { LABEL, parsePrefix, parseVirtualAddress, SCOPES } from '../virtual-address.ts';
import {
  anyAddress,
  command,
  flag,
  hostAddress,
  interfaceName,
  matching,
  must,
  oneOf,
  parsed,
  scalarText,
  seconds,
  section,
  whole,
} from './fields.ts';

const ADVERT_INT = 'whole seconds from 1 to 255, or with version 3 from 0.01 to 40.95 in steps of 0.01';
const VIP_LEASE = must('auto, off or a whole number of seconds from 1 to 86400');

const version = () =>
  z.optional(z.literal([2, 3], must('2 or 3'))).check(z.describe('VRRP version, 2 by default.'));

const authentication = section(
  {
    auth_type: oneOf(['PASS']),
    // Never quoted in a message: it is a password.
    auth_pass: scalarText('the password, 1 to 8 characters'),
  },
  'a map with auth_type and auth_pass',
);

const weight = () => z.optional(whole(-LARGEST_WEIGHT, LARGEST_WEIGHT));
const name = () => z.string(must('a name'));
const trackedText = () => parsed(parseTracked, 'NAME or "NAME weight N"');
const trackedWhat = must('NAME, "NAME weight N" or a map with name and weight');
const tracked = () =>
  z.nullish(
    z.array(
      z.union([trackedText(), section({ name: name(), weight: weight() }, 'a map')], trackedWhat),
      must('a list, such as [NAME]'),
    ),
  );
const trackedMemcached = () =>
  z.nullish(
    z.array(
      z.union(
        [
          trackedText(),
          section({ name: name(), weight: weight(), warm: z._default(flag(), false) }, 'a map'),
        ],
        trackedWhat,
      ),
      must('a list, such as [NAME]'),
    ),
  );

const virtualAddress = z.union(
  [
    parsed(parseVirtualAddress, 'an address'),
    section(
      {
        address: parsed(parsePrefix, 'an IPv4 address'),
        dev: z.optional(interfaceName()),
        label: z.optional(matching(LABEL, 'a label (1 to 15 letters, digits, :._@+-)')),
        scope: z.optional(oneOf(SCOPES)),
        brd: z.optional(anyAddress()),
      },
      'a map',
    ),
  ],
  must('ADDRESS[/LEN] [dev X] [label Y] [scope S] [brd Z] or a map of the same'),
);

const hook = (when: string) =>
  z.optional(command()).check(z.describe(`Run ${when}; a failover never waits for it.`));

export const vrrpInstance = section(
  {
    state: z
      ._default(oneOf(['MASTER', 'BACKUP']), 'BACKUP')
      .check(z.describe('As in keepalived, MASTER only clears nopreempt and preempt_delay.')),
    interface: interfaceName().check(
      z.describe('Interface that carries the advertisements and the addresses.'),
    ),
    virtual_router_id: whole(1, 255).check(z.describe('VRID, the same on all hosts of the pair.')),
    priority: z._default(whole(1, 255), 100).check(z.describe('The highest becomes MASTER.')),
    advert_int: z
      ._default(
        z
          .number(must(ADVERT_INT))
          .check(z.minimum(0.01, { ...must(ADVERT_INT), abort: true }), z.maximum(255, must(ADVERT_INT))),
        1,
      )
      .check(
        z.describe('Seconds between two advertisements: whole with version 2, steps of 0.01 with version 3.'),
      ),
    version: version(),
    vrrp_version: version(),
    nopreempt: z
      ._default(flag(), false)
      .check(z.describe('A host that comes back with a higher priority leaves the address where it is.')),
    preempt_delay: z
      ._default(seconds(0, 1000), 0)
      .check(z.describe('Seconds that a master of lower priority is suffered before it is preempted.')),
    garp_master_delay: z
      ._default(seconds(0, 86400), 5)
      .check(z.describe('Seconds from a takeover to the second burst of gratuitous ARPs; 0: none.')),
    garp_master_repeat: z._default(whole(1, 255), 5).check(z.describe('Gratuitous ARPs in each burst.')),
    garp_master_refresh: z
      ._default(seconds(0, 86400), 0)
      .check(z.describe('Seconds between two bursts while MASTER; 0: never.')),
    garp_master_refresh_repeat: z
      ._default(whole(1, 255), 1)
      .check(z.describe('Gratuitous ARPs in each of those.')),
    authentication: z.optional(authentication).check(z.describe('Version 2 only.')),
    unicast_src_ip: z
      .optional(hostAddress())
      .check(z.describe("Source of the advertisements; the interface's first address by default.")),
    mcast_src_ip: z.optional(hostAddress()).check(z.describe('The same as unicast_src_ip.')),
    unicast_peer: z
      .nullish(z.array(hostAddress(), must('a list, such as [192.168.100.250]')))
      .check(z.describe('Addresses of the other hosts, instead of multicast.')),
    track_interface: tracked().check(z.describe('Interfaces whose loss is a fault, or moves the priority.')),
    track_script: tracked().check(z.describe('Names of vrrp_script entries.')),
    track_memcached: trackedMemcached().check(z.describe('Names of memcached entries.')),
    proxy: z.optional(name()).check(z.describe('Name of the proxy entry that follows this instance.')),
    virtual_ipaddress: z.array(virtualAddress, must('a list, such as [192.168.100.250]')).check(
      z.minLength(1, { error: 'is empty, at least one address is needed' }),
      z.maxLength(255, {
        error:
          'has more than 255 addresses, an advertisement holds no more; put the others into virtual_ipaddress_excluded',
      }),
      z.describe('The virtual addresses, in the order of the advertisement.'),
    ),
    virtual_ipaddress_excluded: z
      .nullish(z.array(virtualAddress, must('a list, such as [192.168.100.250]')))
      .check(z.describe('More virtual addresses, which are not advertised.')),
    vip_lease: z
      ._default(
        z.union(
          [
            z.enum(['auto', 'off'], VIP_LEASE),
            z.int(VIP_LEASE).check(z.minimum(1, VIP_LEASE), z.maximum(86400, VIP_LEASE)),
          ],
          VIP_LEASE,
        ),
        'auto',
      )
      .check(
        z.describe(
          'Seconds that the kernel keeps an address which a killed daemon no longer renews. auto: 3 x advert_int - 0.4, whole.',
        ),
      ),
    notify_master: hook('when the instance became MASTER'),
    notify_backup: hook('when it became BACKUP'),
    notify_fault: hook('when it went into FAULT'),
    notify_stop: hook('when the daemon stops'),
    notify: hook('at every transition with INSTANCE, name, state and priority appended'),
  },
  'a map with at least interface, virtual_router_id and virtual_ipaddress',
);
