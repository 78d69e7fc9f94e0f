/**
 * When everything has been healed for a while: exactly one MASTER, it alone holds the address, the clients believe so,
 * and it is the right one: fit, and with preemption nobody fit has a higher priority. It stays.
 */

import type { Host } from '../host.ts';
import { Violation } from '../violation.ts';
import type { Checker, View } from './checker.ts';

export function convergence(view: View): Checker {
  const { scenario, hosts, origin } = view;
  const broken = (what: string): never => {
    throw new Violation('convergence', what);
  };
  /** Left MASTER when its last word could get lost: the winner may not know that it has to announce itself. */
  const unheard = new Set<Host>();
  let settled: Host | undefined;

  const look = (): void => {
    const fit = hosts.filter(isFit);
    const masters = hosts.filter(({ daemon }) => daemon?.instance.state.name === 'MASTER');
    const holders = hosts.filter(({ vip }) => vip.held);
    const said = `masters ${names(masters)}, holders ${names(holders)}, fit ${names(fit)}`;
    if (fit.length === 0) {
      if (masters.length + holders.length > 0) broken(`nobody is fit: ${said}`);
      return;
    }
    const [master] = masters;
    if (master === undefined || masters.length !== 1 || !fit.includes(master))
      return broken(`not one fit master: ${said}`);
    if (holders.length !== 1 || holders[0] !== master) broken(`not one holder: ${said}`);
    const { believed } = view;
    if (believed !== master && !(believed !== null && unheard.has(believed)))
      broken(`the clients believe in ${believed?.name}: ${said}`);
    const highest = Math.max(...fit.map(({ params }) => params.priority));
    if (master.params.preempt && master.params.priority < highest)
      broken(`not the highest priority: ${said}`);
    if (settled !== undefined && settled !== master) broken(`${settled.name} was master: ${said}`);
    settled = master;
  };
  const { settledAt, endsAt } = scenario;
  for (const time of [settledAt, (settledAt + endsAt) / 2, endsAt]) view.at(origin + time, look);

  /** Has spoken as MASTER when nothing got lost. */
  const heard = new Set<Host>();
  const falls = (host: Host): void => {
    if (!view.networkClean || !heard.has(host)) unheard.add(host);
    heard.delete(host);
  };
  return {
    sent: (host) => view.networkClean && host.linkUp && void heard.add(host),
    observed(host, { before, after }) {
      if (after.name === before.name) return;
      if (after.name === 'MASTER') unheard.delete(host);
      if (before.name === 'MASTER') falls(host);
    },
    disturbed(host, what) {
      // It says no last word, now or when it wakes: what counts is whether it could be heard until now.
      if ((what === 'is killed' || what === 'is stopped') && host.vip.held) falls(host);
    },
  };
}

function isFit(host: Host): boolean {
  const running = host.power === 'running' && host.daemon?.instance.state.name !== 'STOP';
  return running && host.linkUp && host.memcachedUp && host.candidate;
}

const names = (some: readonly Host[]): string => `[${some.map(({ name }) => name).join(' ')}]`;
