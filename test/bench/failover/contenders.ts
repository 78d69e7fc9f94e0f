/**
 * Two pairs with one virtual address and a proxy on it: memcache-ha's, and one with Debian's keepalived as somebody sets it
 * up who means it. Owns how each is started and what can be done to it; faults.ts owns what is done.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/await.ts';
import { startClient } from '../../../src/lab/client.ts';
import type { Host } from '../../../src/lab/host.ts';
import { type Keepalived, startKeepalived } from '../../../src/lab/keepalived.ts';
import { createLab, type Lab } from '../../../src/lab/namespaces.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import { nutcrackerCommand, startMemcached } from '../../../src/lab/programs.ts';
import { MEMCACHE_HA } from '../../netns/support/daemon.ts';
import {
  type Config,
  firstTutorial,
  PROXY,
  PROXY_PORT,
  startPair,
  VIP,
  waitServes,
} from '../../netns/support/pair.ts';
import { ADVERT_INT, peerOf, tunedPair, warmProxy } from '../support/tuned-pair.ts';

/** A pair whose host A is MASTER and serves. */
export interface Contender {
  readonly lab: Lab<'a' | 'b'>;
  readonly memcached: LabProcess;
  proxyPid(): Promise<number>;
  /** Every process of the daemon on A, without its proxy and its scripts. */
  daemonPids(): Promise<readonly number[]>;
  /** SIGTERM to the daemon on A. */
  terminate(): void;
  /** `drain`; null: there is no such thing. */
  readonly drain: (() => Promise<void>) | null;
  destroy(): Promise<void>;
}

export type Start = () => Promise<Contender>;

function ours(config: (host: Host) => Config): Start {
  return async () => {
    const pair = await startPair({ config });
    await waitServes(pair.a);
    const { a } = pair;
    return {
      lab: pair.lab,
      memcached: a.memcached,
      proxyPid: a.proxyPid,
      daemonPids: async () => [(await a.daemon.status()).pid],
      terminate: () => void a.daemon.process.kill('SIGTERM'),
      drain: async () => {
        await a.daemon.command('drain');
      },
      destroy: pair.destroy,
    };
  };
}

/** memcache-ha with the first tutorial's numbers: VRRP v2, adverts and probes each second, multicast. */
export const OURS_BY_TUTORIAL = ours((host) =>
  firstTutorial(host, { sections: { proxy: { front: warmProxy(host) } } }),
);

export const OURS_TUNED = ours(tunedPair);

/**
 * keepalived, tuned the same way. Its own scripts run once a second at most (Debian's 2.2.7), so memcached is checked each
 * 0.1 s by a loop beside it, which writes what two failures in a row mean into a tracked file. The proxy is nutcracker, in
 * front of the host's own memcached as in the tutorials, started in notify_master: it is there in a few milliseconds,
 * where our bundled one takes 150 to start. A miss counts as an answer here, for the two memcacheds are no copies.
 */
export const KEEPALIVED_TUNED: Start = async () => {
  const lab = await createLab({ prefix: 'mhabench' });
  try {
    const { a, b } = lab.hosts;
    const [memcached] = await Promise.all([startMemcached(a), startMemcached(b)]);
    const onA = await startTuned(a);
    await onA.waitState('VI_1', 'MASTER');
    const onB = await startTuned(b);
    await onB.waitState('VI_1', 'BACKUP');
    await until('nutcracker listens on a', () => a.listens(PROXY_PORT, VIP));
    return {
      lab,
      memcached,
      proxyPid: async () => only(named(a, 'nutcracker')),
      daemonPids: async () => named(a, 'keepalived'),
      terminate: () => void onA.kill('SIGTERM'),
      drain: null,
      destroy: lab.destroy,
    };
  } catch (error) {
    await lab.destroy();
    throw error;
  }
};

async function startTuned(host: Host): Promise<Keepalived> {
  const script = (name: string, text: string): string => {
    const file = join(host.directory, name);
    writeFileSync(file, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    return file;
  };
  const health = join(host.directory, 'health');
  writeFileSync(health, '0\n');
  const nutcracker = nutcrackerCommand(host, { listen: PROXY, servers: [`${host.address}:11211`] }).join(' ');
  const start = script('start-proxy', `${nutcracker} -p ${pidFile(host)} >/dev/null 2>&1 &`);
  const stop = script('stop-proxy', `[ -s ${pidFile(host)} ] && kill "$(cat ${pidFile(host)})"; exit 0`);
  host.spawn([script('check-loop', checkLoop(host.address, health))]);
  return startKeepalived(
    host,
    `global_defs {
  router_id ${host.name}
  script_user root
  vrrp_version 3
}
vrrp_track_file memcached {
  file ${health}
  weight 1
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${host.name === 'a' ? 254 : 253}
  advert_int ${ADVERT_INT}
  unicast_src_ip ${host.address}
  unicast_peer {
    ${peerOf(host)}
  }
  track_file {
    memcached
  }
  virtual_ipaddress {
    ${VIP}
  }
  notify_master ${start}
  notify_backup ${stop}
  notify_fault ${stop}
  notify_stop ${stop}
}
`,
  );
}

/** `version` each 0.1 s, given up after 0.1 s; two failures in a row are a fault, one success is none. */
function checkLoop(address: string, health: string): string {
  return `told=0 failures=0
ask() {
  exec 3<>/dev/tcp/${address}/11211 || return 1
  printf 'version\\r\\n' >&3
  read -r -t 0.1 line <&3 && [[ $line == VERSION* ]]
  local outcome=$?
  exec 3>&-
  return $outcome
}
while :; do
  if ask 2>/dev/null; then failures=0; else failures=$((failures + 1)); fi
  want=0
  [ $failures -ge 2 ] && want=-254
  if [ $want != $told ]; then echo $want >${health}; told=$want; fi
  read -r -t 0.1 <> <(:)
done`;
}

const named = (host: Host, name: string): number[] => host.pids().filter((pid) => nameOf(pid) === name);

function only(pids: readonly number[]): number {
  if (pids.length !== 1) throw new Error(`${pids.length} of them run, not one`);
  return pids[0]!;
}

const pidFile = (host: Host): string => join(host.directory, 'nutcracker.pid');

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended
  }
}

/** A client in the lab that asks each millisecond; `giveUp` 0: it waits on TCP. */
export function clientOf(contender: Contender, giveUp: number) {
  return startClient(contender.lab.client, {
    target: PROXY,
    command: [...MEMCACHE_HA, 'lab-client'],
    expectAny: true,
    giveUp,
    key: giveUp === 0 ? 'patient' : 'impatient',
  });
}
