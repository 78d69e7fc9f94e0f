/** keepalived's keywords within a vrrp_instance, in the order in which ours are written. */
import { command } from './command.ts';
import { addresses, peers, tracked, trackedCount } from './lists.ts';
import * as reasons from './reasons.ts';
import { absent, carry, each, inherent, type Table } from './treatment.ts';
import { advertInt, flag, no, number, state, vmac, word, yes } from './values.ts';

/** Within `authentication`. */
export const AUTHENTICATION: Table = new Map([
  ['auth_type', carry('auth_type', word)],
  ['auth_pass', carry('auth_pass', word)],
]);

/** `device` is what the instance says after `interface`, `made` the interface of its use_vmac. */
export function instanceTable(device: string | undefined, made = device): Table {
  const virtual = addresses(device, made);
  return new Map([
    ['state', carry('state', state, 'first')],
    ['interface', carry('interface', word)],
    ...each('dont_track_primary', carry('dont_track_primary', yes)),
    ['virtual_router_id', carry('virtual_router_id', number())],
    ['priority', carry('priority', number())],
    ['advert_int', carry('advert_int', advertInt)],
    ['version', carry('version', number())],
    ['nopreempt', carry('nopreempt', yes)],
    ['preempt', carry('nopreempt', no)],
    ['preempt_delay', carry('preempt_delay', number())],
    ['down_timer_adverts', carry('down_timer_adverts', number())],
    ['lower_prio_no_advert', carry('lower_prio_no_advert', flag)],
    ['higher_prio_send_advert', carry('higher_prio_send_advert', flag)],
    ['garp_master_delay', carry('garp_master_delay', number())],
    ['garp_master_repeat', carry('garp_master_repeat', number(1))],
    ['garp_master_refresh', carry('garp_master_refresh', number())],
    ['garp_master_refresh_repeat', carry('garp_master_refresh_repeat', number(1))],
    ['garp_lower_prio_delay', carry('garp_lower_prio_delay', number())],
    ['garp_lower_prio_repeat', carry('garp_lower_prio_repeat', number())],
    ['unicast_src_ip', carry('unicast_src_ip', word)],
    ['mcast_src_ip', carry('mcast_src_ip', word)],
    ['unicast_peer', carry('unicast_peer', peers, 'append')],
    ['use_vmac', carry('use_vmac', vmac)],
    ['vmac_xmit_base', carry('vmac_xmit_base', yes)],
    ['track_interface', carry('track_interface', tracked, 'append')],
    ['track_script', carry('track_script', tracked, 'append')],
    ['track_process', carry('track_process', trackedCount, 'append')],
    ['track_file', carry('track_file', trackedCount, 'append')],
    ['virtual_ipaddress', carry('virtual_ipaddress', virtual, 'append')],
    ['virtual_ipaddress_excluded', carry('virtual_ipaddress_excluded', virtual, 'append')],
    ['notify_master', carry('notify_master', command, 'first')],
    ['notify_backup', carry('notify_backup', command, 'first')],
    ['notify_fault', carry('notify_fault', command, 'first')],
    ['notify_stop', carry('notify_stop', command, 'first')],
    ['notify', carry('notify', command, 'first')],
    ['notify_deleted', carry('notify_deleted', command, 'first')],
    ['notify_master_rx_lower_pri', carry('notify_master_rx_lower_pri', command, 'first')],

    ...each('accept native_ipv6 check_unicast_src', inherent()),
    ['no_accept', absent(reasons.NO_FIREWALL)],
    ['strict_mode', absent(reasons.NO_STRICT)],
    ['smtp_alert', absent(reasons.NO_MAIL)],
    ['auth_hmac', absent(reasons.NO_HMAC)],
    ...each('virtual_routes virtual_rules', absent(reasons.NO_ROUTES)),
    ['track_bfd', absent(reasons.NO_BFD)],
    ['lvs_sync_daemon_interface', absent(reasons.NO_LVS)],
    ['use_ipvlan', absent(reasons.NO_IPVLAN)],
    ['use_vmac_addr', absent('memcache-ha makes no virtual MAC for single addresses')],
    ...each('garp_extra_if vmac_garp_intvl', absent(reasons.NO_EXTRA_ARP)),
    ['mcast_dst_ip', absent('advertisements go to 224.0.0.18, the address of the RFC')],
    ['track_src_ip', absent('an address that is lost shows by its advertisements; track its interface')],
    ['unicast_ttl', absent('advertisements are sent with TTL 255, as the RFC demands')],
    ['unicast_fault_no_peer', absent('without a unicast_peer, advertisements are multicast')],
    ['old_unicast_checksum', absent('the checksum is that of the RFC')],
    ['v3_checksum_as_v2', absent("the checksum of version 3 has the pseudo-header, keepalived's default")],
    ['skip_check_adv_addr', absent('the address list of each advertisement is compared')],
    ['no_virtual_ipaddress', absent('an instance needs at least one address')],
    ['promote_secondaries', absent('a virtual address is a /32, so that it has no secondaries')],
    ...each(
      'timer_expired_backup thread_timer_expired',
      absent('a MASTER that overslept always listens before it speaks'),
    ),
    ['owner_ignore_adverts', absent('an owner answers a lower priority as the RFC says')],
    ['notify_priority_changes', absent('a changed priority is told by the metrics and `memcache-ha status`')],
    ['kernel_rx_buf_size', absent(reasons.NO_BUFFERS)],
    ['vrf', absent('name the interface instead')],
    ['linkbeat_use_polling', absent(reasons.NO_POLLING)],
    ['debug', absent('keepalived ignores it; global_defs.log.level is the level of the log')],
  ]);
}
