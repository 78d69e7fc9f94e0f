/**
 * What one virtual router is configured with: the constants of RFC 3768 §6.1 / RFC 9568 §6.1 in our units.
 * Owns the types only; the meaning of each lies in machine.ts and timers.ts.
 */

/** Milliseconds. As a point in time: monotonic, with an origin that only the clock in io knows. */
export type Millis = number;

/** An IPv4 address in canonical dotted form, e.g. `192.168.100.250`. */
export type Ipv4 = string;

/** An IPv6 address as RFC 5952 §4 writes it, without a zone, e.g. `fd00:9::250`. */
export type Ipv6 = string;

/** An address of either family in its one canonical form, so that equal addresses are equal text. */
export type IpAddress = Ipv4 | Ipv6;

/** VRRP version spoken: 2 is RFC 3768 (IPv4 only), 3 is RFC 9568 (and RFC 5798). */
export type VrrpVersion = 2 | 3;

/** The parameters of one virtual router. All durations are milliseconds. */
export interface VrrpParameters {
  readonly version: VrrpVersion;
  /** VRID, 1..255 (RFC 3768 §5.3.3). */
  readonly virtualRouterId: number;
  /** Priority before any tracking, 1..255; 255 is the address owner (RFC 3768 §5.3.4). */
  readonly priority: number;
  /** Advertisement_Interval. v2: whole seconds, 1..255 s; v3: steps of 10 ms, 10 ms..40.95 s. */
  readonly advertisementInterval: Millis;
  /** Preempt_Mode (RFC 3768 §6.1); keepalived's `nopreempt` is its negation. */
  readonly preempt: boolean;
  /** keepalived's `preempt_delay`: how long a lower-priority master is suffered before it is preempted. */
  readonly preemptDelay: Millis;
  /** keepalived's `garp_master_delay`: the second burst of gratuitous ARP follows this long after a takeover; 0: none. */
  readonly garpMasterDelay: Millis;
  /** keepalived's `garp_master_repeat`: frames in each burst, at least 1. */
  readonly garpMasterRepeat: number;
  /** keepalived's `garp_master_refresh`: a burst this often while MASTER; 0: never. */
  readonly garpMasterRefresh: Millis;
  /** keepalived's `garp_master_refresh_repeat`: frames in each refresh burst. */
  readonly garpMasterRefreshRepeat: number;
  /** keepalived's `garp_lower_prio_delay`: the second burst follows this long after a lower master was heard; 0: none. */
  readonly garpLowerPrioDelay: Millis;
  /** keepalived's `garp_lower_prio_repeat`: frames in each burst after a lower master was heard; 0: no burst. */
  readonly garpLowerPrioRepeat: number;
  /** keepalived's `lower_prio_no_advert`: a lower master is not answered with an advertisement. */
  readonly lowerPrioNoAdvert: boolean;
  /** keepalived's `higher_prio_send_advert`: a MASTER that yields to a higher one advertises once more before it does. */
  readonly higherPrioSendAdvert: boolean;
  /** keepalived's `down_timer_adverts`: intervals of silence in Master_Down_Interval, 1..100; the RFCs' is 3. */
  readonly downTimerAdverts: number;
  /** IP addresses of the advertisement, in its order (RFC 3768 §5.3.8); at least one, all of the family it is sent in. */
  readonly addresses: readonly IpAddress[];
  /** The eight bytes of PASS authentication (RFC 2338 §5.3.6.2, as keepalived keeps them for v2), or null. */
  readonly authPass: Uint8Array | null;
  /** keepalived's `unicast_peer`; empty: multicast to 224.0.0.18 or ff02::12. */
  readonly unicastPeers: readonly IpAddress[];
  /** How long the kernel keeps a virtual address that is no longer renewed; null: for ever. */
  readonly vipLease: Millis | null;
}
