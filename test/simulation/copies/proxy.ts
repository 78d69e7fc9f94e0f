/**
 * The real proxy (src/proxy) of one host in a virtual process: its start, its clients' connections, its end. This is the
 * only file that knows how a proxy is put together and what it is told when the address comes to it.
 */
import type { Socket } from 'node:net';
import { acceptClient } from '../../../src/proxy/accept.ts';
import { activate, leave, lookOut, recheck } from '../../../src/proxy/activate.ts';
import { parseOptions } from '../../../src/proxy/options.ts';
import { createProxy, startBackends } from '../../../src/proxy/proxy.ts';
import type { ProxyState } from '../../../src/proxy/types.ts';
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import { type Host, otherHost } from './history.ts';
import { MEMCACHED_PORT } from './memcached.ts';
import type { Network } from './network.ts';
import { NodeSocket } from './node-socket.ts';
import { createProcess, type VirtualProcess } from './virtual-process.ts';
import { virtualSockets } from './virtual-sockets.ts';

export const PROXY_PORT = 'proxy';

export interface ProxyHost {
  readonly host: Host;
  /** A proxy runs that the address may come to. */
  readonly running: boolean;
  /** `active`: the address is here already. */
  start(active: boolean): void;
  /** The address came here. */
  activate(): void;
  /** The address is here, and somebody else had it too. */
  recheck(): void;
  /** The one that is active is silent. */
  lookOut(): void;
  /** The address went away: the proxy ends what it has under way, and a new one stands by. */
  deactivate(): void;
  /** SIGKILL; `silently`: with the whole machine. */
  kill(silently: boolean): void;
  stop(): void;
  resume(): void;
}

/** One process of it. */
interface Running {
  readonly process: VirtualProcess;
  readonly state: ProxyState;
  readonly sockets: NodeSocket[];
  isActive: boolean;
}

/** A proxy that is told to stop lets what is under way end for so long, ms. */
const LINGER_MS = 500;

export function createProxyHost(
  scheduler: Scheduler,
  prng: Prng,
  network: Network,
  host: Host,
  log: (message: string) => void,
): ProxyHost {
  let current: Running | null = null;
  let lingering: Running[] = [];

  const launch = (): Running => {
    const words = ['-D', '-p', '11211', '-s', `${host}:${MEMCACHED_PORT}`];
    const options = parseOptions([...words, '-b', `${otherHost(host)}:${MEMCACHED_PORT}`]);
    if ('error' in options) throw new Error(options.error);
    const process = createProcess(scheduler, prng, `proxy ${host}`);
    const sockets: NodeSocket[] = [];
    let state: ProxyState | undefined;
    process.enter(() => {
      state = createProxy(
        options,
        log,
        virtualSockets(network, host, (socket) => sockets.push(socket)),
      );
      startBackends(state);
    });
    return { process, state: state!, sockets, isActive: false };
  };

  const listen = ({ process, state, sockets }: Running): void => {
    network.listen(host, PROXY_PORT, (endpoint) => {
      // From here on the kernel has it, and closes it if the process ends before it looks.
      const socket = new NodeSocket(process, { paused: true, allowHalfOpen: true });
      sockets.push(socket);
      socket.attach(endpoint);
      process.poll(() => acceptClient(state, socket as unknown as Socket));
    });
  };

  const end = ({ process, sockets }: Running, silently: boolean): void => {
    process.kill();
    for (const socket of sockets) socket.abandon(silently);
  };

  const self: ProxyHost = {
    host,
    get running() {
      return current !== null;
    },
    start(active) {
      current = launch();
      if (active) self.activate();
    },
    activate() {
      const mine = current;
      if (mine === null || mine.isActive) return;
      mine.isActive = true;
      mine.process.enter(() => {
        activate(mine.state).then(() => {
          if (current === mine) listen(mine);
        });
      });
    },
    recheck() {
      const mine = current;
      if (mine?.isActive) mine.process.enter(() => recheck(mine.state));
    },
    lookOut() {
      const mine = current;
      if (mine !== null && !mine.isActive) mine.process.enter(() => lookOut(mine.state));
    },
    deactivate() {
      const mine = current;
      if (mine === null || !mine.isActive) return;
      network.listen(host, PROXY_PORT, null);
      mine.process.enter(() => leave(mine.state));
      lingering.push(mine);
      scheduler.at(scheduler.now + prng.between(0, LINGER_MS), () => {
        if (!lingering.includes(mine)) return;
        lingering = lingering.filter((one) => one !== mine);
        end(mine, false);
      });
      current = launch();
    },
    kill(silently) {
      network.listen(host, PROXY_PORT, null);
      for (const one of [...lingering, ...(current === null ? [] : [current])]) end(one, silently);
      current = null;
      lingering = [];
    },
    stop() {
      for (const { process } of lingering) process.stop();
      current?.process.stop();
    },
    resume() {
      for (const { process } of lingering) process.resume();
      current?.process.resume();
    },
  };
  return self;
}
