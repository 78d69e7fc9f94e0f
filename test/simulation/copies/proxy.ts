/**
 * The real proxy (src/proxy) of one host in a virtual process: its start, its clients' connections, its end. This is the
 * only file that knows how a proxy is put together and what it is told when the address comes to it.
 */
import type { Socket } from 'node:net';
import { acceptClient } from '../../../src/proxy/accept.ts';
import { parseOptions } from '../../../src/proxy/options.ts';
import { createProxy, startBackends } from '../../../src/proxy/proxy.ts';
import type { ProxyState } from '../../../src/proxy/types.ts';
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import { type Host, otherHost } from './history.ts';
import { MEMCACHED_PORT } from './memcached.ts';
import type { Network } from './network.ts';
import { NodeSocket, virtualSockets } from './node-socket.ts';
import { createProcess, type VirtualProcess } from './virtual-process.ts';

export const PROXY_PORT = 'proxy';

export interface ProxyHost {
  readonly host: Host;
  readonly running: boolean;
  /** `active`: the address is here already. */
  start(active: boolean): void;
  /** The address came here. */
  activate(): void;
  /** The address went away. */
  deactivate(): void;
  /** SIGKILL; `silently`: with the whole machine. */
  kill(silently: boolean): void;
  stop(): void;
  resume(): void;
}

export function createProxyHost(
  scheduler: Scheduler,
  prng: Prng,
  network: Network,
  host: Host,
  log: (message: string) => void,
): ProxyHost {
  let process: VirtualProcess | null = null;
  let proxy: ProxyState | null = null;
  let sockets: NodeSocket[] = [];

  const made = (socket: NodeSocket): void => {
    sockets.push(socket);
    if (sockets.length % 64 === 0) sockets = sockets.filter(({ destroyed }) => !destroyed);
  };

  const listen = (owner: VirtualProcess, state: ProxyState): void => {
    network.listen(host, PROXY_PORT, (endpoint) => {
      owner.poll(() => {
        const socket = new NodeSocket(owner, { paused: true, allowHalfOpen: true });
        made(socket);
        socket.attach(endpoint);
        acceptClient(state, socket as unknown as Socket);
      });
    });
  };

  return {
    host,
    get running() {
      return process !== null;
    },
    start(active) {
      const words = ['-D', '-p', '11211', '-s', `${host}:${MEMCACHED_PORT}`];
      const options = parseOptions([...words, '-b', `${otherHost(host)}:${MEMCACHED_PORT}`]);
      if ('error' in options) throw new Error(options.error);
      const owner = createProcess(scheduler, prng, `proxy ${host}`);
      process = owner;
      owner.enter(() => {
        const state = createProxy(options, log, virtualSockets(network, host, made));
        proxy = state;
        startBackends(state);
        listen(owner, state);
      });
      if (active) this.activate();
    },
    activate() {
      // Where a proxy is told that it is the active one now, and compares the copies before it answers anybody:
      // process.enter(() => activate(proxy)).
      void proxy;
    },
    deactivate() {},
    kill(silently) {
      if (process === null) return;
      network.listen(host, PROXY_PORT, null);
      process.kill();
      for (const socket of sockets) socket.abandon(silently);
      process = null;
      proxy = null;
      sockets = [];
    },
    stop() {
      process?.stop();
    },
    resume() {
      process?.resume();
    },
  };
}
