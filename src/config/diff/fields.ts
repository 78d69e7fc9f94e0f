/**
 * Every value of the typed configuration under the key that stands for it in the file, and how it is shown to people.
 * What a change of it asks for is in instances.ts.
 */
import type { VrrpParameters } from '../../core/vrrp/parameters.ts';
import type {
  Command,
  GlobalConfig,
  HooksConfig,
  InstanceConfig,
  InterfaceDelay,
  MemcachedConfig,
  ProcessConfig,
  ProxyConfig,
  ScriptConfig,
  SyncGroupConfig,
  Tracked,
  TrackFileConfig,
  VirtualAddress,
} from '../config.ts';
import { formatEndpoint } from '../endpoint.ts';

/** How the change of a value is told, behind its key. */
export type Tell<Value> = (before: Value, after: Value) => string;

/** One key; null when it says nothing that another key does not say. */
type Field<Value> = readonly [key: string, tell: Tell<Value>] | null;
export type Fields<T> = { readonly [Key in keyof T]-?: Field<T[Key]> };

/** `100 -> 150` */
const value =
  <T>(show: (value: T) => string): Tell<T> =>
  (before, after) =>
    ` ${show(before)} -> ${show(after)}`;
/** `: added X, removed Y` */
const list =
  <T>(show: (value: T) => string): Tell<readonly T[]> =>
  (before, after) => {
    const [old, now] = [before.map(show), after.map(show)];
    const added = now.filter((each) => !old.includes(each)).map((each) => `added ${each}`);
    const removed = old.filter((each) => !now.includes(each)).map((each) => `removed ${each}`);
    const changes = [...added, ...removed];
    return `: ${changes.length === 0 ? 'in another order' : changes.join(', ')}`;
  };

const orNone =
  <T>(show: (value: T) => string) =>
  (given: T | null): string =>
    given === null ? 'none' : show(given);
const text = (given: string | number | boolean): string => String(given);
const inSeconds = (given: number): string => String(given / 1000);
const quoted = (command: Command): string => JSON.stringify(command.join(' '));

const plain = value(orNone(text));
const seconds = value(inSeconds);
const words = value(orNone(quoted));
const names = list(text);
const endpoint = value(orNone(formatEndpoint));
const endpoints = list(formatEndpoint);
const showTracked = ({ name, weight, reverse }: Tracked): string =>
  `${name}${weight === 0 ? '' : ` weight ${weight}`}${reverse ? ' reverse' : ''}`;
const tracked = list(showTracked);
const virtualAddresses = list(({ address, prefixLength, dev, label, scope, brd }: VirtualAddress) =>
  [
    `${address}/${prefixLength} dev ${dev}`,
    ...(label === null ? [] : [`label ${label}`]),
    ...(scope === null ? [] : [`scope ${scope}`]),
    ...(brd === null ? [] : [`brd ${brd}`]),
  ].join(' '),
);

export const GLOBAL: Fields<GlobalConfig> = {
  routerId: ['router_id', plain],
  scriptUser: ['script_user', plain],
  control: ['control', plain],
  metrics: ['metrics', endpoint],
  metricsPeers: ['metrics.peers', endpoints],
  logLevel: ['log.level', plain],
  realTimePriority: ['vrrp_rt_priority', plain],
  startupDelay: [
    'vrrp_startup_delay',
    (before, after) => `${seconds(before, after)} (from the next start on)`,
  ],
  notifyFifo: ['vrrp_notify_fifo', plain],
};

export const MEMCACHED: Fields<MemcachedConfig> = {
  name: null,
  address: ['address', endpoint],
  interval: ['interval', seconds],
  timeout: ['timeout', seconds],
  fall: ['fall', plain],
  rise: ['rise', plain],
  peer: ['peer', endpoint],
  command: ['command', words],
};

export const PROXY: Fields<ProxyConfig> = {
  name: null,
  listen: ['listen', endpoint],
  servers: ['servers', endpoints],
  backups: ['backups', endpoints],
  run: ['run', plain],
  refillItems: ['refill_items', plain],
  refillBytes: ['refill_bytes', plain],
  engine: ['engine', plain],
  command: ['command', words],
};

export const SCRIPT: Fields<ScriptConfig> = {
  name: null,
  script: ['script', words],
  interval: ['interval', seconds],
  timeout: ['timeout', seconds],
  fall: ['fall', plain],
  rise: ['rise', plain],
  initFail: ['init_fail', plain],
  user: ['user', plain],
};

export const PROCESS: Fields<ProcessConfig> = {
  name: null,
  process: ['process', plain],
  parameters: ['parameters', words],
  paramMatch: ['param_match', plain],
  fullCommand: ['full_command', plain],
  quorum: ['quorum', plain],
  quorumMax: ['quorum_max', plain],
  forkDelay: ['fork_delay', seconds],
  terminateDelay: ['terminate_delay', seconds],
};

export const TRACK_FILE: Fields<TrackFileConfig> = {
  name: null,
  file: ['file', plain],
  initFile: [
    'init_file',
    value(orNone(({ value, overwrite }) => `${value}${overwrite ? ' overwrite' : ''}`)),
  ],
};

export const INTERFACE_DELAY: Fields<InterfaceDelay> = {
  interface: null,
  down: ['down_delay', seconds],
  up: ['up_delay', seconds],
};

export const HOOKS: Fields<HooksConfig> = {
  master: ['notify_master', words],
  backup: ['notify_backup', words],
  fault: ['notify_fault', words],
  stop: ['notify_stop', words],
  any: ['notify', words],
};

export const SYNC_GROUP: Fields<Omit<SyncGroupConfig, 'hooks'>> = {
  name: null,
  members: ['group', names],
};

export const INSTANCE: Fields<Omit<InstanceConfig, 'vrrp' | 'hooks'>> = {
  name: null,
  initialState: ['state', plain],
  interface: ['interface', plain],
  vmac: [
    'use_vmac',
    value(orNone(({ name, transmitBase }) => `${name}${transmitBase ? ' vmac_xmit_base' : ''}`)),
  ],
  sourceAddress: ['unicast_src_ip', plain],
  virtualAddresses: ['virtual_ipaddress', virtualAddresses],
  excludedAddresses: ['virtual_ipaddress_excluded', virtualAddresses],
  trackPrimary: ['dont_track_primary', value((given) => String(!given))],
  trackInterfaces: ['track_interface', tracked],
  trackScripts: ['track_script', tracked],
  trackMemcached: ['track_memcached', list((entry) => `${showTracked(entry)}${entry.warm ? ' warm' : ''}`)],
  trackProcesses: ['track_process', tracked],
  trackFiles: ['track_file', tracked],
  proxy: ['proxy', plain],
};

export const VRRP: Fields<VrrpParameters> = {
  version: ['version', plain],
  virtualRouterId: ['virtual_router_id', plain],
  priority: ['priority', plain],
  advertisementInterval: ['advert_int', seconds],
  preempt: ['nopreempt', value((given) => String(!given))],
  preemptDelay: ['preempt_delay', seconds],
  garpMasterDelay: ['garp_master_delay', seconds],
  garpMasterRepeat: ['garp_master_repeat', plain],
  garpMasterRefresh: ['garp_master_refresh', seconds],
  garpMasterRefreshRepeat: ['garp_master_refresh_repeat', plain],
  garpLowerPrioDelay: ['garp_lower_prio_delay', seconds],
  garpLowerPrioRepeat: ['garp_lower_prio_repeat', plain],
  lowerPrioNoAdvert: ['lower_prio_no_advert', plain],
  higherPrioSendAdvert: ['higher_prio_send_advert', plain],
  downTimerAdverts: ['down_timer_adverts', plain],
  addresses: null, // virtual_ipaddress
  authPass: [
    'authentication',
    (before, after) => (before === null ? ': added' : after === null ? ': removed' : ': another password'),
  ],
  unicastPeers: ['unicast_peer', names],
  vipLease: ['vip_lease', value((lease) => (lease === null ? 'off' : inSeconds(lease)))],
};
