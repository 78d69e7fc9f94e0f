/**
 * What an instance is given by global_defs for the keys that it leaves out: keepalived's vrrp_* defaults, and behind
 * them keepalived's own. In the units of the file; build and cross-check both begin here.
 */

/** The keys of global_defs that are defaults of the instances; any may be missing. */
export interface InstanceDefaults {
  readonly vrrp_version?: 2 | 3 | undefined;
  readonly vrrp_garp_master_delay?: number | undefined;
  readonly vrrp_garp_master_repeat?: number | undefined;
  readonly vrrp_garp_master_refresh?: number | undefined;
  readonly vrrp_garp_master_refresh_repeat?: number | undefined;
  readonly vrrp_garp_lower_prio_delay?: number | undefined;
  readonly vrrp_garp_lower_prio_repeat?: number | undefined;
  readonly vrrp_min_garp?: boolean | undefined;
  readonly vrrp_down_timer_adverts?: number | undefined;
  readonly vrrp_lower_prio_no_advert?: boolean | undefined;
  readonly vrrp_higher_prio_send_advert?: boolean | undefined;
}

/** What holds for an instance that says nothing; delays in seconds. */
export interface Inherited {
  readonly version: 2 | 3;
  readonly garp_master_delay: number;
  readonly garp_master_repeat: number;
  readonly garp_master_refresh: number;
  readonly garp_master_refresh_repeat: number;
  readonly garp_lower_prio_delay: number;
  readonly garp_lower_prio_repeat: number;
  readonly down_timer_adverts: number;
  readonly lower_prio_no_advert: boolean;
  readonly higher_prio_send_advert: boolean;
}

/**
 * The defaults. higher_prio_send_advert is on, where keepalived's is off: after two masters the hosts on the LAN must
 * not stay with the loser's MAC because the winner never heard of it. As in keepalived, garp_lower_prio_* fall back on the global garp_master_*, not on the instance's own.
 * vrrp_min_garp sends one ARP in the place of two bursts of five; unlike keepalived's it leaves
 * garp_master_refresh_repeat at 1, where keepalived's 0 makes an instance's garp_master_refresh send nothing at all.
 */
export function inheritedFrom(defs: InstanceDefaults | null | undefined): Inherited {
  const few = defs?.vrrp_min_garp === true;
  const garp_master_delay = defs?.vrrp_garp_master_delay ?? (few ? 0 : 5);
  const garp_master_repeat = defs?.vrrp_garp_master_repeat ?? (few ? 1 : 5);
  return {
    version: defs?.vrrp_version ?? 2,
    garp_master_delay,
    garp_master_repeat,
    garp_master_refresh: defs?.vrrp_garp_master_refresh ?? 0,
    garp_master_refresh_repeat: defs?.vrrp_garp_master_refresh_repeat ?? 1,
    garp_lower_prio_delay: defs?.vrrp_garp_lower_prio_delay ?? garp_master_delay,
    garp_lower_prio_repeat: defs?.vrrp_garp_lower_prio_repeat ?? garp_master_repeat,
    down_timer_adverts: defs?.vrrp_down_timer_adverts ?? 3,
    lower_prio_no_advert: defs?.vrrp_lower_prio_no_advert ?? false,
    higher_prio_send_advert: defs?.vrrp_higher_prio_send_advert ?? true,
  };
}
