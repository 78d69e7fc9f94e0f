/** keepalived's keywords within the blocks that have a name of their own, vrrp_instance excepted. */
import { command, program } from './command.ts';
import { names, tracked, trackedCount } from './lists.ts';
import * as reasons from './reasons.ts';
import { absent, carry, each, type Table } from './treatment.ts';
import { initFile, number, paramMatch, user, weight, word, yes } from './values.ts';

export const VRRP_SCRIPT: Table = new Map([
  ['script', carry('script', command)],
  ['interval', carry('interval', number())],
  ['timeout', carry('timeout', number())],
  ['fall', carry('fall', number())],
  ['rise', carry('rise', number())],
  ['weight', carry('weight', weight)],
  ['user', carry('user', user)],
  ['init_fail', carry('init_fail', yes)],
]);

export const VRRP_TRACK_PROCESS: Table = new Map([
  ['process', carry('process', program, 'first')],
  ['param_match', carry('param_match', paramMatch)],
  ['full_command', carry('full_command', yes)],
  ['weight', carry('weight', weight)],
  ['quorum', carry('quorum', number())],
  ['quorum_max', carry('quorum_max', number())],
  ['delay', carry('delay', number())],
  ['fork_delay', carry('fork_delay', number())],
  ['terminate_delay', carry('terminate_delay', number())],
]);

export const TRACK_FILE: Table = new Map([
  ['file', carry('file', word)],
  ['weight', carry('weight', weight)],
  ['init_file', carry('init_file', initFile)],
]);

export const VRRP_SYNC_GROUP: Table = new Map([
  ['group', carry('group', names, 'append')],
  ['track_interface', carry('track_interface', tracked, 'append')],
  ['track_script', carry('track_script', tracked, 'append')],
  ['track_process', carry('track_process', trackedCount, 'append')],
  ['track_file', carry('track_file', trackedCount, 'append')],
  ['notify_master', carry('notify_master', command, 'first')],
  ['notify_backup', carry('notify_backup', command, 'first')],
  ['notify_fault', carry('notify_fault', command, 'first')],
  ['notify_stop', carry('notify_stop', command, 'first')],
  ['notify', carry('notify', command, 'first')],
  ['track_bfd', absent(reasons.NO_BFD)],
  ['smtp_alert', absent(reasons.NO_MAIL)],
  ['notify_priority_changes', absent('a changed priority is told by the metrics')],
  ...each('global_tracking sync_group_tracking_weight', absent('weights within a sync group do not work')),
]);

/** Top-level keywords that have no counterpart, with their reasons. */
export const FOREIGN: ReadonlyMap<string, string> = new Map([
  ...['virtual_server', 'virtual_server_group', 'real_server', 'SSL', 'local_address_group'].map(
    (keyword) => [keyword, reasons.NO_LVS] as const,
  ),
  ['bfd_instance', reasons.NO_BFD],
  ['static_ipaddress', reasons.NO_STATIC],
  ['static_routes', reasons.NO_STATIC],
  ['static_rules', reasons.NO_STATIC],
  ['track_group', reasons.NO_STATIC],
  ['garp_group', reasons.NO_ARP_PAUSES],
  ['linkbeat_interfaces', reasons.NO_POLLING],
  ['linkbeat_use_polling', reasons.NO_POLLING],
  ['net_namespace', reasons.NO_NAMESPACE],
  ['net_namespace_ipvs', reasons.NO_LVS],
  ['namespace_with_ipsets', reasons.NO_FIREWALL],
  ['use_pid_dir', 'systemd knows the process; there is no PID file'],
  ['instance', 'give each daemon a config with its own global_defs.control'],
  ['child_wait_time', 'every wait at the end of the daemon is bounded already'],
]);
