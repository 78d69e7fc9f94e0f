/** Two hosts as users have them: memcached and a daemon on each, one virtual address, a client beside them. */
import { until } from '../../../src/lab/await.ts';
import { type ClientOptions, type LabClient, startClient } from '../../../src/lab/client.ts';
import type { Host } from '../../../src/lab/host.ts';
import { createLab, type Lab } from '../../../src/lab/namespaces.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import { startMemcached } from '../../../src/lab/programs.ts';
import { type Daemon, MEMCACHE_HA, startDaemon } from './daemon.ts';
import { importTutorial, type ProxyChoice, type Tutorial } from './imported.ts';

export const VIP = '10.9.0.250';
export const PROXY_PORT = 12_000;
/** Where clients of a pair with a proxy ask. */
export const PROXY = `${VIP}:${PROXY_PORT}`;

/** A config file as a value. */
export type Config = Readonly<Record<string, unknown>>;

export interface Pair {
  readonly lab: Lab<'a' | 'b'>;
  readonly a: Member;
  readonly b: Member;
  /** The hosts that hold the virtual address right now, by `ip addr`. */
  holders(): Promise<string[]>;
  /** Resolves when this host alone holds the virtual address. */
  waitHolder(name: 'a' | 'b', timeout?: number): Promise<void>;
  /** A client at this target that takes a miss for an answer: the caches are not copies of each other. */
  client(target: string, options?: Partial<ClientOptions>): Promise<LabClient>;
  destroy(): Promise<void>;
}

/** One host of the pair. */
export interface Member {
  readonly host: Host;
  /** The latest memcached and daemon that were started here. */
  readonly memcached: LabProcess;
  readonly daemon: Daemon;
  startMemcached(): Promise<void>;
  startDaemon(): Promise<Daemon>;
  /** The pid of the proxy as the daemon has it; @throws Error when it does not listen */
  proxyPid(): Promise<number>;
}

export interface PairOptions {
  /** The config of each host. */
  readonly config: (host: Host) => Config;
  /** False: the daemons run the memcacheds themselves. Default true. */
  readonly memcached?: boolean;
}

/** Makes the lab and starts memcached on both hosts, but no daemon. */
export async function createPair({ config, memcached = true }: PairOptions): Promise<Pair> {
  const lab = await createLab({ prefix: 'mhapair' });
  const [a, b] = [member(lab.hosts.a, config), member(lab.hosts.b, config)];
  if (memcached) await Promise.all([a.startMemcached(), b.startMemcached()]);
  const holders = async (): Promise<string[]> => {
    const held = await Promise.all([a, b].map(({ host }) => host.holds(VIP)));
    return [a, b].filter((_, index) => held[index]).map(({ host }) => host.name);
  };
  return {
    lab,
    a,
    b,
    holders,
    waitHolder: async (name, timeout = 10_000) => {
      await until(`${name} alone holds ${VIP}`, async () => (await holders()).join() === name, { timeout });
    },
    client: async (target, options) => {
      const client = startClient(lab.client, {
        target,
        command: [...MEMCACHE_HA, 'lab-client'],
        expectAny: true,
        ...options,
      });
      await client.started;
      return client;
    },
    destroy: lab.destroy,
  };
}

/** A pair with both daemons running and A elected. */
export async function startPair(options: PairOptions): Promise<Pair> {
  const pair = await createPair(options);
  try {
    // A has a start on B, or with `nopreempt` the quicker to start would stay MASTER.
    await pair.a.startDaemon();
    await pair.b.startDaemon();
    await pair.a.daemon.waitState('MASTER');
    await pair.b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
    return pair;
  } catch (error) {
    await pair.destroy();
    throw error;
  }
}

/** Resolves when this host serves: it is MASTER and its proxy listens at the virtual address. */
export async function waitServes({ host, daemon }: Member): Promise<void> {
  await daemon.waitState('MASTER');
  await until(`the proxy listens on ${host.name}`, () => host.listens(PROXY_PORT, VIP));
}

function member(host: Host, config: PairOptions['config']): Member {
  let memcached: LabProcess | undefined;
  let daemon: Daemon | undefined;
  const started = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error(`not started on ${host.name}`);
    return what;
  };
  return {
    host,
    get memcached() {
      return started(memcached);
    },
    get daemon() {
      return started(daemon);
    },
    startMemcached: async () => {
      memcached = await startMemcached(host);
    },
    startDaemon: async () => {
      daemon = await startDaemon(host, config(host));
      return daemon;
    },
    proxyPid: () =>
      until(`the proxy on ${host.name} listens`, async () => {
        const [proxy] = (await started(daemon).status()).proxies;
        return proxy?.up === true && proxy.pid;
      }),
  };
}

/** What a test changes of a pair's config: keys of the instance, and whole sections. */
export interface Changes {
  readonly instance?: Config;
  readonly sections?: Config;
}

/** What `import` makes of a tutorial's keepalived.conf, with these changes. */
function tutorial(host: Host, name: Tutorial, proxy: ProxyChoice, changes: Changes): Config {
  const imported = importTutorial(host, name, proxy);
  const { VI_1 } = imported.vrrp_instance as { VI_1: Config };
  return { ...imported, vrrp_instance: { VI_1: { ...VI_1, ...changes.instance } }, ...changes.sections };
}

/**
 * The first tutorial's pair: VRRP v2, adverts each second, PASS 1111, `state` MASTER with priority 100 and BACKUP with
 * 99. By default its proxy goes by the name of magent and asks its own host's memcached only: what the client misses
 * while that is down is the takeover's time.
 */
export function firstTutorial(host: Host, changes: Changes = {}, proxy: ProxyChoice = 'magent'): Config {
  return tutorial(host, 'tutorial1', proxy, changes);
}

/** The second tutorial's pair: no proxy, `nopreempt`, priorities 150 and 100, a check of memcached, hooks that write a log. */
export function secondTutorial(host: Host, changes: Changes = {}): Config {
  return tutorial(host, 'tutorial2', null, changes);
}

/** The first tutorial's pair at a pace that lets a test go through many elections: VRRP v3, adverts each 200 ms. */
export function fastPair(host: Host, { instance = {}, sections = {} }: Changes = {}): Config {
  const { memcached, ...config } = firstTutorial(host, {
    instance: { version: 3, advert_int: 0.2, authentication: undefined, ...instance },
  });
  const local = { address: `${host.address}:11211`, interval: 0.1, timeout: 0.3, fall: 2, rise: 1 };
  return { ...config, memcached: { local }, ...sections };
}
