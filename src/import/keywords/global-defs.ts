/** keepalived's keywords within global_defs, in the order in which ours are written. */
import * as reasons from './reasons.ts';
import { absent, carry, defaultFor, each, inherent, type Table } from './treatment.ts';
import { flag, number, user, word } from './values.ts';

const NO_FIFO_SCRIPT = 'start what reads the pipe as a service of its own';
const LVS_KEYWORDS =
  'lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon lvs_notify_fifo lvs_notify_fifo_script ' +
  'lvs_process_name checker_process_name checker_log_all_failures checker_priority checker_no_swap ' +
  'checker_rt_priority checker_cpu_affinity checker_rlimit_rttime checker_rlimit_rtime nftables_ipvs ' +
  'nftables_ipvs_priority nftables_ipvs_start_fwmark rs_init_notifies no_checker_emails smtp_alert_checker ' +
  'lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs ' +
  'lvs_netlink_monitor_rcv_bufs_force';
const SNMP_KEYWORDS =
  'snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 ' +
  'enable_snmp_rfcv3 enable_snmp_checker snmp_vs_stats_update_interval snmp_rs_stats_update_interval';
const MAIL_KEYWORDS =
  'notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert ' +
  'smtp_alert_vrrp';
const PROCESS_KEYWORDS =
  'process_names process_name vrrp_process_name vrrp_priority vrrp_no_swap vrrp_cpu_affinity ' +
  'vrrp_rlimit_rttime vrrp_rlimit_rtime max_auto_priority min_auto_priority_delay umask use_symlink_paths';
const BFD_KEYWORDS =
  'bfd_process_name bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime';
const BUFFER_KEYWORDS =
  'vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs ' +
  'vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force ' +
  'vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier';

export const GLOBAL_DEFS: Table = new Map([
  ['router_id', carry('router_id', word)],
  ['script_user', carry('script_user', user)],
  ['vrrp_startup_delay', carry('vrrp_startup_delay', number())],
  ['vrrp_rt_priority', carry('vrrp_rt_priority', number())],
  ['notify_fifo', carry('notify_fifo', word)],
  ['vrrp_notify_fifo', carry('vrrp_notify_fifo', word)],

  ['vrrp_version', defaultFor('version', number())],
  ['vrrp_garp_master_delay', defaultFor('garp_master_delay', number())],
  ['vrrp_garp_master_repeat', defaultFor('garp_master_repeat', number(1))],
  ['vrrp_garp_master_refresh', defaultFor('garp_master_refresh', number())],
  ['vrrp_garp_master_refresh_repeat', defaultFor('garp_master_refresh_repeat', number(1))],
  ['vrrp_garp_lower_prio_delay', defaultFor('garp_lower_prio_delay', number())],
  ['vrrp_garp_lower_prio_repeat', defaultFor('garp_lower_prio_repeat', number())],
  ['vrrp_lower_prio_no_advert', defaultFor('lower_prio_no_advert', flag)],
  ['vrrp_higher_prio_send_advert', defaultFor('higher_prio_send_advert', flag)],
  ['vrrp_down_timer_adverts', defaultFor('down_timer_adverts', number())],
  ['vrrp_min_garp', carry('vrrp_min_garp', flag)],
  ['default_interface', defaultFor('interface', word)],

  ...each('no_email_faults vrrp_check_unicast_src dynamic_interfaces log_unknown_vrids', inherent()),
  ...each(MAIL_KEYWORDS, absent(reasons.NO_MAIL)),
  ...each(LVS_KEYWORDS, absent(reasons.NO_LVS)),
  ...each(SNMP_KEYWORDS, absent(reasons.NO_SNMP)),
  ...each(PROCESS_KEYWORDS, absent(reasons.NO_PROCESSES)),
  ...each(BFD_KEYWORDS, absent(reasons.NO_BFD)),
  ...each(BUFFER_KEYWORDS, absent(reasons.NO_BUFFERS)),
  ...each('enable_dbus dbus_service_name dbus_no_interface_name', absent(reasons.NO_DBUS)),
  ...each(
    'vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters',
    absent(reasons.NO_FIREWALL),
  ),
  ...each('vrrp_garp_interval vrrp_gna_interval', absent(reasons.NO_ARP_PAUSES)),
  ...each('vrrp_garp_extra_if vrrp_vmac_garp_intvl', absent(reasons.NO_EXTRA_ARP)),
  ...each('notify_fifo_script vrrp_notify_fifo_script', absent(NO_FIFO_SCRIPT)),
  ...each('vrrp_mcast_group4 vrrp_mcast_group6', absent('advertisements go to the group of the RFC')),
  ...each(
    'state_dump_file stats_dump_file json_dump_file json_version data_use_instance',
    absent(reasons.NO_DUMPS),
  ),
  ...each(
    'reload_check_config reload_time_file reload_repeat reload_file config_save_dir tmp_config_directory',
    absent(reasons.NO_RELOAD_FILES),
  ),
  ...each(
    'startup_script startup_script_timeout shutdown_script shutdown_script_timeout',
    absent('ExecStartPre= and ExecStopPost= of its systemd unit do that'),
  ),
  ...each('iproute_usr_dir iproute_etc_dir random_seed include_check', absent('nothing here depends on it')),
  ...each('vmac_prefix vmac_addr_prefix', absent('the names of interfaces that are made cannot be chosen')),
  ['enable_script_security', absent('who may write a script is not looked at; script_user says who runs it')],
  ['vrrp_strict', absent(reasons.NO_STRICT)],
  ['vrrp_skip_check_adv_addr', absent('the address list of each advertisement is compared')],
  ['v3_checksum_as_v2', absent("the checksum of version 3 has the pseudo-header, keepalived's default")],
  ['vrrp_owner_ignore_adverts', absent('an owner answers a lower priority as the RFC says')],
  ['vrrp_notify_priority_changes', absent('a changed priority is told by the metrics')],
  ['fifo_write_vrrp_states_on_reload', absent('a reload that changes no state writes none')],
  ['vrrp_delay_after_boot', absent('set vrrp_startup_delay, which counts from every start')],
  ['disable_local_igmp', absent('the kernel joins the multicast group and speaks IGMP for it')],
  ['set_supplementary_groups', absent("scripts run with their user's own groups")],
]);
