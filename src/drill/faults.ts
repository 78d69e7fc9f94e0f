/** The faults that can be drilled, and what each is in words. Pure. */

export const FAULTS = [
  'kill-memcached',
  'hang-memcached',
  'kill-proxy',
  'stop-agent',
  'hang-agent',
  'cut-link',
] as const;

export type FaultName = (typeof FAULTS)[number];

/** What the host is in its election when the fault is made on it. */
export type Role = 'MASTER' | 'BACKUP';

/** `failover`: the peer is to take over. `in-place`: nobody is elected. `unfelt`: it is the BACKUP's own matter. */
export type Expectation = 'failover' | 'in-place' | 'unfelt';

/** What is to come of a fault on a host in this role. */
export function expectationOf(fault: FaultName, role: Role): Expectation {
  if (role === 'BACKUP') return 'unfelt';
  return fault === 'kill-proxy' ? 'in-place' : 'failover';
}

/** The line that a person reads before saying yes. */
export function expectedWords(expectation: Expectation, addresses: readonly string[]): string {
  const vip = addresses.join(', ');
  switch (expectation) {
    case 'failover':
      return `a failover: this host is MASTER, the other one takes ${vip} over`;
    case 'in-place':
      return `no failover: the proxy is started again here, ${vip} stays on this host`;
    case 'unfelt':
      return `no failover: this host is BACKUP, ${vip} stays where it is, clients feel nothing`;
  }
}

/** Every other fault is a process's end or its silence, which the link lives through. */
export const cutsLink = (fault: FaultName): boolean => fault === 'cut-link';
