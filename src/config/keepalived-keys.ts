/** Keys that keepalived has and that are not here, with the reason: what an operator is told who brings one along. */

const NO_STRICT = 'there is no strict mode; leave out what the RFC does not know instead';
const NO_IPVS = 'there is no IPVS here';

const REASONS: ReadonlyMap<string, string> = new Map([
  [
    'default_interface',
    'name the interface in each vrrp_instance (keepalived has it for static addresses only)',
  ],
  ['strict_mode', NO_STRICT],
  ['vrrp_strict', NO_STRICT],
  ['no_accept', 'a host always answers on its virtual addresses, or clients could not use them'],
  ['use_vmac_addr', 'use_vmac holds for the addresses on the interface of the instance only'],
  ['use_ipvlan', 'use_vmac is the nearest'],
  ['vrrp_delay_after_boot', 'vrrp_startup_delay is the nearest'],
  [
    'vrrp_notify_fifo_script',
    'start the reader of vrrp_notify_fifo by other means, such as a unit of its own',
  ],
  ['notify_fifo_script', 'start the reader of notify_fifo by other means, such as a unit of its own'],
  ['track_bfd', 'there is no BFD here; version 3 with a short advert_int sees a dead host as fast'],
  ['track_src_ip', 'a missing source address is always a fault'],
  ['global_tracking', 'put the track_* lists into the group'],
  [
    'sync_group_tracking_weight',
    'weights in members of a group have no effect; put the track_* lists into the group',
  ],
  ['smtp_alert', 'send mail in notify'],
  ['smtp_alert_vrrp', 'send mail in notify'],
  ['notification_email', 'send mail in notify'],
  ['lvs_sync_daemon', NO_IPVS],
  ['lvs_sync_daemon_interface', NO_IPVS],
  ['virtual_server', NO_IPVS],
  ['virtual_routes', 'add routes in notify_master and remove them in the other hooks'],
  ['virtual_rules', 'add rules in notify_master and remove them in the other hooks'],
]);

/** `: REASON` for a key of keepalived's, else undefined. */
export function keepalivedKey(key: string): string | undefined {
  const reason = REASONS.get(key);
  return reason === undefined ? undefined : `: ${reason}`;
}
