/**
 * Who has the virtual address, and the proxies that go with it: a stand-in for the daemons of both hosts. Clients keep the
 * side that they are on while both hosts have the address.
 */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import type { Client } from './client.ts';
import { HOSTS, type Host, otherHost } from './history.ts';
import type { ProxyHost } from './proxy.ts';
import type { Reach } from './reach.ts';
import type { Scenario } from './scenario.ts';

export interface VirtualAddress {
  readonly holders: readonly Host[];
  holderFor(client: number): Host | null;
  start(): void;
  give(host: Host): void;
  takeAway(host: Host): void;
  /** To the other host; `overlap`: it has it before the old one lets go. Nothing, unless exactly one host has it. */
  move(overlap: boolean): void;
  killProxy(host: Host, silently: boolean): void;
  reviveProxy(host: Host): void;
  stopProxy(host: Host): void;
  resumeProxy(host: Host): void;
  readonly clients: Client[];
}

/** A proxy that is told to stop lets what is under way end for so long, ms. */
const LINGER_MS = 500;
const MAX_GAP_MS = 60;

export function createVirtualAddress(
  scheduler: Scheduler,
  prng: Prng,
  { proxies: mode, first, rivals }: Scenario,
  proxies: Readonly<Record<Host, ProxyHost>>,
  reach: Reach,
  trace: ((who: string, what: string) => void) | null,
): VirtualAddress {
  let holders: Host[] = [];
  const clients: Client[] = [];
  const dead: Record<Host, number> = { A: 0, B: 0 };
  const stopped: Record<Host, number> = { A: 0, B: 0 };

  const runs = (host: Host): boolean =>
    mode === 'always' || (mode === 'one' ? host === first : holders.includes(host));

  const start = (host: Host): void => {
    if (dead[host] > 0 || proxies[host].running || !runs(host)) return;
    trace?.(`proxy ${host}`, 'starts');
    proxies[host].start(holders.includes(host));
    if (stopped[host] > 0) proxies[host].stop();
  };

  const block = (host: Host): void => {
    reach.blockProxy(host, scheduler.now);
    for (const copy of HOSTS) reach.block(host, copy, scheduler.now);
  };
  const unblock = (host: Host): void => {
    reach.unblockProxy(host, scheduler.now);
    for (const copy of HOSTS) reach.unblock(host, copy, scheduler.now);
  };

  const self: VirtualAddress = {
    clients,
    get holders() {
      return holders;
    },
    holderFor(client) {
      return holders.length === 0 ? null : holders[client % holders.length]!;
    },
    start() {
      holders = [first];
      for (const host of HOSTS) start(host);
    },
    give(host) {
      if (holders.includes(host)) return;
      holders = [...holders, host].sort();
      trace?.(`address`, `comes to ${host}`);
      if (proxies[host].running) proxies[host].activate();
      else start(host);
      // Whoever belongs to this side now was connected to the other one.
      clients.forEach((client, number) => {
        if (self.holderFor(number) === host) client.sever(otherHost(host));
      });
    },
    takeAway(host) {
      if (!holders.includes(host)) return;
      holders = holders.filter((one) => one !== host);
      trace?.(`address`, `leaves ${host}`);
      for (const client of clients) client.sever(host);
      // Whoever keeps it hears the other one let go, and only now learns that there was another one.
      for (const one of holders) proxies[one].recheck();
      if (!proxies[host].running) return;
      proxies[host].deactivate();
      if (mode !== 'on master') return;
      scheduler.at(scheduler.now + prng.between(0, LINGER_MS), () => {
        if (!holders.includes(host)) proxies[host].kill(false);
      });
    },
    move(overlap) {
      const [from] = holders;
      if (mode === 'one' || from === undefined || holders.length > 1) return;
      const to = otherHost(from);
      if (overlap && rivals) self.give(to);
      else {
        self.takeAway(from);
        proxies[to].lookOut();
      }
      scheduler.at(scheduler.now + prng.between(1, MAX_GAP_MS), () => {
        if (holders.length === 0) self.give(to);
        else if (holders.length > 1) self.takeAway(from);
      });
    },
    killProxy(host, silently) {
      reach.blockProxy(host, scheduler.now);
      if (dead[host]++ > 0) return;
      if (proxies[host].running) trace?.(`proxy ${host}`, 'is killed');
      proxies[host].kill(silently);
    },
    reviveProxy(host) {
      reach.unblockProxy(host, scheduler.now);
      dead[host]--;
      start(host);
    },
    stopProxy(host) {
      block(host);
      if (stopped[host]++ > 0) return;
      trace?.(`proxy ${host}`, 'is stopped');
      proxies[host].stop();
    },
    resumeProxy(host) {
      unblock(host);
      if (--stopped[host] > 0) return;
      trace?.(`proxy ${host}`, 'goes on');
      proxies[host].resume();
    },
  };
  return self;
}
