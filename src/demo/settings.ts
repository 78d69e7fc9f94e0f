/** The pair that the demo shows: the first tutorial's numbers. Owns the constants; does nothing. */

export const VIP = '10.9.0.250';
export const PROXY_PORT = 12000;
export const MEMCACHED_PORT = 11211;
export const INSTANCE = 'VI_1';

export type Label = 'A' | 'B';
export const LABELS: readonly Label[] = ['A', 'B'];
export const PRIORITIES: Readonly<Record<Label, number>> = { A: 100, B: 99 };

/** Seconds between two advertisements. */
export const ADVERT_INT = 1;

/** What the client writes once and then reads every millisecond. */
export const KEY = 'demo';
export const VALUE = 'right';

/** Skew_Time of a host in ms (RFC 3768 §6.1). */
export function skewTime(label: Label): number {
  return Math.round(((256 - PRIORITIES[label]) * 1000) / 256);
}

/** Master_Down_Interval of a host in ms (RFC 3768 §6.1). */
export function masterDownInterval(label: Label): number {
  return 3 * ADVERT_INT * 1000 + skewTime(label);
}
