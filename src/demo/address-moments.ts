/** Reads `ip -o monitor address` and tells when the kernel put the VIP on a host or took it away. Pure. */
import type { Moment } from './moment.ts';
import { type Label, VIP } from './settings.ts';

/** Takes line after line of one host's monitor; a renewed lease is no moment. */
export function addressWatch(label: Label): (t: number, line: string) => Moment | null {
  let here = false;
  return (t, line) => {
    if (!line.includes(` ${VIP}/`)) return null;
    const now = !line.startsWith('Deleted');
    if (now === here) return null;
    here = now;
    return now
      ? { t, witness: label, kind: 'vip-on', text: `the VIP ${VIP} is on eth0` }
      : { t, witness: label, kind: 'vip-off', text: 'let go of the VIP' };
  };
}
