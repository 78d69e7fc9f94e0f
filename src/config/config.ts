/**
 * The configuration as the daemon sees it: checked, defaults filled in, names resolved, every duration in ms.
 * load.ts makes it from YAML and is the only place where seconds become milliseconds. Types only.
 */
import type { IpAddress, Ipv4, Millis, VrrpParameters } from '../core/vrrp/parameters.ts';

/** A TCP endpoint; `host` is an IPv4 address, an IPv6 address without brackets or a name, `port` 1..65535. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A program and its arguments, never run through a shell; at least one word. */
export type Command = readonly string[];

/** `global_defs`. */
export interface GlobalConfig {
  /** keepalived's `router_id`; the host name when not given. */
  readonly routerId: string;
  /** keepalived's `script_user`; null: `keepalived_script` when that user exists, else the daemon's own user. */
  readonly scriptUser: string | null;
  /** Path of the control socket. */
  readonly control: string;
  /** Where `/metrics`, `/healthz` and `/status` are served; null: nowhere. */
  readonly metrics: Endpoint | null;
  /** The metrics listeners of the other hosts, which are asked for their status. */
  readonly metricsPeers: readonly Endpoint[];
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** keepalived's `vrrp_startup_delay`: how long every instance stays in INIT after the start; 0: not at all. */
  readonly startupDelay: Millis;
  /** keepalived's `vrrp_rt_priority`: the daemon runs under SCHED_RR with this priority, 1..99; 0: as any other program. */
  readonly realTimePriority: number;
  /** keepalived's `vrrp_notify_fifo` (or `notify_fifo`): a named pipe that gets a line for each transition; null: none. */
  readonly notifyFifo: string | null;
}

/** One entry of keepalived's `interface_up_down_delays`: how long a change must last before it counts; 0..255 s. */
export interface InterfaceDelay {
  readonly interface: string;
  readonly down: Millis;
  readonly up: Millis;
}

/** A memcached that is probed with `stats`. */
export interface MemcachedConfig {
  readonly name: string;
  readonly address: Endpoint;
  /** Between two `stats`. */
  readonly interval: Millis;
  /** How long an answer may take. */
  readonly timeout: Millis;
  /** Timeouts or bad answers in a row that make it down. A refused connection is final at once. */
  readonly fall: number;
  /** Good answers in a row that make it up again. */
  readonly rise: number;
  /** The other host's copy, for `warm`, asked at the same pace, and for `{peer}`; null when not given. */
  readonly peer: Endpoint | null;
  /**
   * The program that the daemon runs it with, `{host}` and `{port}` filled in already and `{peer}` not; null: somebody
   * else runs it. With `{peer}` there is a peer.
   */
  readonly command: Command | null;
}

/** The bundled proxy, a program that we know how to start, or any command. */
export type ProxyEngine = 'bundled' | 'magent' | 'nutcracker' | 'memcached-proxy' | 'command';

/** A proxy in front of the memcacheds. */
export interface ProxyConfig {
  readonly name: string;
  readonly listen: Endpoint;
  /** magent's `-s`. */
  readonly servers: readonly Endpoint[];
  /** magent's `-b`. */
  readonly backups: readonly Endpoint[];
  /** `on_master`: only while the VIP is here; `always`: warm standby. */
  readonly run: 'on_master' | 'always';
  /** Bounds of the bundled proxy's refills, per second; 0: none. */
  readonly refillItems: number;
  readonly refillBytes: number;
  /** Which program it is; `command` whenever a command is given. */
  readonly engine: ProxyEngine;
  /** The program to run, with `{listen}`, `{host}` and `{port}` filled in already; null unless engine is `command`. */
  readonly command: Command | null;
}

/** A `vrrp_script`. */
export interface ScriptConfig {
  readonly name: string;
  readonly script: Command;
  readonly interval: Millis;
  readonly timeout: Millis;
  readonly fall: number;
  readonly rise: number;
  /** keepalived's `init_fail`: it counts as failed until it has succeeded `rise` times. */
  readonly initFail: boolean;
  /** keepalived's `user`; null: `script_user`. */
  readonly user: string | null;
}

/** A `vrrp_track_process`: up while the number of matching processes lies within the quorum. */
export interface ProcessConfig {
  readonly name: string;
  /** The process's name, or with `fullCommand` its whole command line. */
  readonly process: string;
  /** Parameters that it must have; null: any. */
  readonly parameters: readonly string[] | null;
  /** keepalived's `param_match`: the last parameter may be longer (initial), or more may follow (partial). */
  readonly paramMatch: 'exact' | 'initial' | 'partial';
  readonly fullCommand: boolean;
  /** Fewest processes for success, at least 1. */
  readonly quorum: number;
  /** Most processes for success; null: no limit. */
  readonly quorumMax: number | null;
  /** How long the quorum must be there, or be lost, before it counts. */
  readonly forkDelay: Millis;
  readonly terminateDelay: Millis;
}

/** A `vrrp_track_file`: a number in a file, which times the weight moves the priority; with weight 0, non-zero is a fault. */
export interface TrackFileConfig {
  readonly name: string;
  readonly file: string;
  /** keepalived's `init_file`: what is written when the file is not there (or always, with `overwrite`); null: nothing. */
  readonly initFile: { readonly value: number; readonly overwrite: boolean } | null;
}

/**
 * One thing that an instance tracks; weight 0: its failure is a fault, else it moves the priority. keepalived's
 * `reverse` turns both round: success is a fault, and the priority moves the other way.
 */
export interface Tracked {
  readonly name: string;
  readonly weight: number;
  readonly reverse: boolean;
}

/** A tracked memcached; `warm`: last in the election while the local copy lacks what its living peer's has. */
export interface TrackedMemcached extends Tracked {
  readonly warm: boolean;
}

/** One `virtual_ipaddress` or `virtual_ipaddress_excluded`. */
export interface VirtualAddress {
  readonly address: IpAddress;
  /** 0..32 or 0..128, the longest when not given, as in keepalived. */
  readonly prefixLength: number;
  /** The interface that holds it: `dev`, or the instance's interface, or the one made for `use_vmac` in its place. */
  readonly dev: string;
  readonly label: string | null;
  readonly scope: 'global' | 'link' | 'host' | 'site' | null;
  /** Broadcast address, or null; IPv6 has none. */
  readonly brd: Ipv4 | null;
}

/** keepalived's `use_vmac`: an interface with the virtual router's MAC that holds the virtual addresses. */
export interface Vmac {
  /** The interface to be made, on top of the instance's own. */
  readonly name: string;
  /** e.g. `00:00:5e:00:01:33` */
  readonly mac: string;
  /** keepalived's `vmac_xmit_base`: advertisements go out from the instance's own interface, with its own MAC. */
  readonly transmitBase: boolean;
}

/** The notify hooks of an instance; null: none. */
export interface HooksConfig {
  readonly master: Command | null;
  readonly backup: Command | null;
  readonly fault: Command | null;
  readonly stop: Command | null;
  /** keepalived's `notify`: gets INSTANCE, the name, the state and the priority appended. */
  readonly any: Command | null;
}

/** A `vrrp_sync_group`: instances that are MASTER, BACKUP or in FAULT together. */
export interface SyncGroupConfig {
  readonly name: string;
  /** Names of instances, at least one; an instance is in at most one group. */
  readonly members: readonly string[];
  readonly hooks: HooksConfig;
}

/** One `vrrp_instance`. */
export interface InstanceConfig {
  readonly name: string;
  /** keepalived's `state`: which state it would like to begin with. Only clears nopreempt and preempt_delay when MASTER. */
  readonly initialState: 'MASTER' | 'BACKUP';
  readonly interface: string;
  /** Null: the virtual addresses keep the MAC of the interface that they are on. */
  readonly vmac: Vmac | null;
  readonly vrrp: VrrpParameters;
  /** `unicast_src_ip` or `mcast_src_ip`; null: the interface's primary address, over IPv6 its link-local one. */
  readonly sourceAddress: IpAddress | null;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  /** False: keepalived's `dont_track_primary`, a loss of the instance's own interface is no fault. */
  readonly trackPrimary: boolean;
  readonly trackInterfaces: readonly Tracked[];
  readonly trackScripts: readonly Tracked[];
  readonly trackMemcached: readonly TrackedMemcached[];
  readonly trackProcesses: readonly Tracked[];
  readonly trackFiles: readonly Tracked[];
  /** Name of the proxy that follows this instance, or null. */
  readonly proxy: string | null;
  readonly hooks: HooksConfig;
}

/** The whole file. Names are unique within each list and every reference between them resolves. */
export interface Config {
  readonly global: GlobalConfig;
  readonly memcached: readonly MemcachedConfig[];
  readonly proxies: readonly ProxyConfig[];
  readonly scripts: readonly ScriptConfig[];
  readonly processes: readonly ProcessConfig[];
  readonly trackFiles: readonly TrackFileConfig[];
  readonly interfaceDelays: readonly InterfaceDelay[];
  readonly syncGroups: readonly SyncGroupConfig[];
  readonly instances: readonly InstanceConfig[];
}
