/** Schema of one `vrrp_instance`: the fields one by one. What two fields mean together is for cross-check. */
import * as z from 'zod/mini';
import { LABEL, parsePrefix, parseVirtualAddress, SCOPES } from '../virtual-address.ts';
import {
  anyAddress,
  flag,
  hostAddress,
  interfaceName,
  keyword,
  matching,
  must,
  oneOf,
  parsed,
  scalarText,
  seconds,
  section,
  whole,
} from './fields.ts';
import { hooks } from './hooks.ts';
import { tracked, trackedCount, trackedMemcached } from './tracking.ts';
import { garpDelay, garpRepeat, version } from './vrrp-fields.ts';

const ADVERT_INT = 'whole seconds from 1 to 255, or with version 3 from 0.01 to 40.95 in steps of 0.01';
const VIP_LEASE = must('auto, off or a whole number of seconds from 1 to 86400');

const VMAC = must('true, or a name for the interface that is made (1 to 15 letters, digits, _.@+-)');
// A slip of those who think of YAML's old truth values, or of keepalived's.
const vmacName = interfaceName().check(
  z.refine((name: string) => !['yes', 'no', 'on', 'off'].includes(name.toLowerCase()), VMAC),
);

const authentication = section(
  {
    auth_type: oneOf(['PASS']),
    // Never quoted in a message: it is a password.
    auth_pass: scalarText('the password, 1 to 8 characters'),
  },
  'a map with auth_type and auth_pass',
);

const virtualAddress = z.union(
  [
    parsed(parseVirtualAddress, 'an address'),
    section(
      {
        address: parsed(parsePrefix, 'an IPv4 or IPv6 address'),
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
    version: version().check(
      z.describe(
        'VRRP version; global_defs.vrrp_version by default, which is 2. With IPv6 addresses always 3.',
      ),
    ),
    vrrp_version: version().check(z.describe('The same as version.')),
    nopreempt: z
      ._default(flag(), false)
      .check(z.describe('A host that comes back with a higher priority leaves the address where it is.')),
    preempt: z
      .optional(keyword('`nopreempt: true` is the opposite'))
      .check(z.describe('Cancels nopreempt; the default in any case.')),
    preempt_delay: z
      ._default(seconds(0, 1000), 0)
      .check(z.describe('Seconds that a master of lower priority is suffered before it is preempted.')),
    garp_master_delay: garpDelay().check(
      z.describe('Seconds from a takeover to the second burst of gratuitous ARPs; 0: none. 5 by default.'),
    ),
    garp_master_repeat: garpRepeat(1).check(z.describe('Gratuitous ARPs in each burst, 5 by default.')),
    garp_master_refresh: garpDelay().check(
      z.describe('Seconds between two bursts while MASTER; 0: never, the default.'),
    ),
    garp_master_refresh_repeat: garpRepeat(1).check(
      z.describe('Gratuitous ARPs in each of those, 1 by default.'),
    ),
    garp_lower_prio_delay: garpDelay().check(
      z.describe(
        'Seconds to the second burst after a MASTER heard one of lower priority; 0: none. 5 by default.',
      ),
    ),
    garp_lower_prio_repeat: garpRepeat(0).check(
      z.describe('Gratuitous ARPs in each of those bursts; 0: none. 5 by default.'),
    ),
    lower_prio_no_advert: z
      .optional(flag())
      .check(
        z.describe('A MASTER of lower priority is not answered with an advertisement. false by default.'),
      ),
    higher_prio_send_advert: z
      .optional(flag())
      .check(
        z.describe(
          'A MASTER that yields to a higher priority advertises once more before. true by default, false in keepalived.',
        ),
      ),
    down_timer_adverts: z
      .optional(whole(1, 100))
      .check(
        z.describe(
          'Advertisements that must be missed before a BACKUP takes over; the same on all hosts. 3 by default.',
        ),
      ),
    accept: z
      .optional(keyword('without it a host would not answer on its virtual addresses'))
      .check(z.describe('The host answers on its virtual addresses; the default in any case.')),
    authentication: z.optional(authentication).check(z.describe('Version 2 only.')),
    unicast_src_ip: z
      .optional(hostAddress())
      .check(
        z.describe(
          "Source of the advertisements; the interface's first address by default, over IPv6 its link-local one.",
        ),
      ),
    mcast_src_ip: z.optional(hostAddress()).check(z.describe('The same as unicast_src_ip.')),
    unicast_peer: z
      .nullish(z.array(hostAddress(), must('a list, such as [192.168.100.250]')))
      .check(z.describe('Addresses of the other hosts, instead of multicast.')),
    check_unicast_src: z
      .optional(keyword('it is always on'))
      .check(z.describe('Advertisements from others than unicast_peer are discarded; always on.')),
    use_vmac: z
      .optional(z.union([flag(), vmacName], VMAC))
      .check(
        z.describe(
          'The virtual addresses are on an interface of their own with the MAC of the virtual router, 00:00:5e:00:01:VRID; true names it vrrp.VRID.',
        ),
      ),
    vmac_xmit_base: z
      ._default(flag(), false)
      .check(z.describe('With use_vmac: advertisements go out from `interface` all the same.')),
    dont_track_primary: z
      ._default(flag(), false)
      .check(z.describe('A loss of `interface` itself is no fault.')),
    track_interface: tracked().check(z.describe('Interfaces whose loss is a fault, or moves the priority.')),
    track_script: tracked().check(z.describe('Names of vrrp_script entries.')),
    track_process: trackedCount().check(z.describe('Names of vrrp_track_process entries.')),
    track_file: trackedCount().check(z.describe('Names of track_file entries.')),
    track_memcached: trackedMemcached().check(z.describe('Names of memcached entries.')),
    proxy: z
      .optional(z.string(must('a name')))
      .check(z.describe('Name of the proxy entry that follows this instance.')),
    virtual_ipaddress: z.array(virtualAddress, must('a list, such as [192.168.100.250]')).check(
      z.minLength(1, { error: 'is empty, at least one address is needed' }),
      z.maxLength(255, {
        error:
          'has more than 255 addresses, an advertisement holds no more; put the others into virtual_ipaddress_excluded',
      }),
      z.describe('The virtual addresses, in the order of the advertisement; all IPv4 or all IPv6.'),
    ),
    virtual_ipaddress_excluded: z
      .nullish(z.array(virtualAddress, must('a list, such as [192.168.100.250]')))
      .check(z.describe('More virtual addresses of either family, which are not advertised.')),
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
          'Seconds that the kernel keeps an address which a killed daemon no longer renews. auto: down_timer_adverts x advert_int - 0.4 (with IPv6 - 1), whole.',
        ),
      ),
    ...hooks('instance', 'INSTANCE'),
  },
  'a map with at least interface, virtual_router_id and virtual_ipaddress',
);
