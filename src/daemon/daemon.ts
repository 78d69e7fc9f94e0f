/**
 * The process around the agent: what it must be allowed to do, its log and metrics, and the two listeners through
 * which people and Prometheus ask it. The listeners come first, so that a taken port stops us before the host is
 * touched.
 */
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { missingCapabilities } from '../io/capabilities.ts';
import { systemClock } from '../io/clock.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  type ControlServer,
  serveControl,
} from '../io/control-socket.ts';
import { type HttpAnswer, serveHttp } from '../io/http-server.ts';
import { askPeer } from '../io/peer-status.ts';
import type { ServiceManager } from '../io/service-manager.ts';
import { type Agent, startAgent } from './agent.ts';
import { createListener } from './listener.ts';
import { registerMemcachedMetrics } from './memcached-metrics.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { pageAnswer } from './page.ts';
import { composeView, type PairView } from './pair-view.ts';
import { createPeers, type Peers } from './peers/peers.ts';
import type { EarlyProxies } from './proxies/early.ts';
import { readConfig } from './read-config.ts';
import { createReload, type Reloaded } from './reload.ts';
import { announceReloads, keepInformed, longestEnd } from './service.ts';
import { isHealthy, type PairStatus } from './status.ts';
import { resolveUsers } from './users.ts';

/** Something that the operator must mend before the daemon can start; the message is one line for them. */
export class StartError extends Error {}

export interface DaemonOptions {
  /** What `file` says. */
  readonly config: Config;
  /** Read again by a reload. */
  readonly file: string;
  /** What was advertised already, as first-word.ts has it. */
  readonly spoken: ReadonlyMap<string, Millis>;
  /** The proxies that were started first of all. */
  readonly early: EarlyProxies;
  readonly version: string;
  readonly manager: ServiceManager;
  readonly log: Logger;
}

export interface Daemon {
  /** Applies the config file as it is now; never rejects. */
  reload(): Promise<Reloaded>;
  /** Hands over what this host holds and stops; resolves when nothing is left on the host. Bounded. */
  shutdown(): Promise<void>;
}

/** Starts everything; throws StartError, and then leaves nothing behind. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, file, spoken, early, version, manager, log } = options;
  const missing = missingCapabilities();
  if (missing.length > 0) {
    throw new StartError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: run as root or grant it`,
    );
  }
  const metrics = createMetrics(version);
  let running: Running | null = null;
  registerMemcachedMetrics(metrics.registry, () => running?.agent.probed() ?? new Map());

  const listener = createListener(({ host, port }) =>
    serveHttp(host, port, (path) => answerHttp(running, metrics, path)),
  );
  const listen = ({ global: { metrics: at } }: Config): Promise<void> =>
    listener.move(at).catch(refuse(`metrics ${at === null ? 'none' : formatEndpoint(at)}`));
  let control: ControlServer | null = null;
  const closeAll = (): void => {
    control?.close();
    listener.close();
  };
  try {
    const user = resolveUsers(config);
    const { control: path } = config.global;
    control = await serveControl(path, (request) => answerControl(running, request)).catch(refuse('control'));
    await listen(config);
    const agent = await startAgent({ settings: { config, user }, spoken, early, version, metrics, log });
    const reloadNow = createReload({
      read: () => readConfig(file, version),
      current: () => agent.settings.config,
      obstacles: (next) =>
        next.global.control === path
          ? []
          : [`${file}: global_defs.control: ${path} -> ${next.global.control} needs a restart`],
      async prepare(next) {
        const change = agent.prepare({ config: next, user: resolveUsers(next) });
        await listen(next).catch((error: Error) => {
          change.discard();
          throw error;
        });
        return change.apply;
      },
      metrics,
      log,
    });
    running = {
      agent,
      reload: announceReloads(manager, reloadNow),
      peers: createPeers({ ask: askPeer, now: systemClock.now }),
    };
  } catch (error) {
    closeAll();
    throw error instanceof StartError ? error : new StartError((error as Error).message);
  }
  const { agent, reload } = running;
  const instances = config.instances.map(({ name }) => name);
  log.info({ version, pid: process.pid, instances }, `memcache-ha ${version} started`);
  if (instances.length === 0) {
    log.warn(`no vrrp_instance in ${file}: this host takes part in no election; edit the file, then reload`);
  }
  keepInformed(manager, file, agent.status);

  return {
    reload,
    async shutdown() {
      log.info('stopping');
      manager.stopping(longestEnd(agent.settings.config));
      await agent.shutdown();
      closeAll();
      log.info('stopped');
    },
  };
}

/** What can be asked and told, once it has started. */
interface Running {
  readonly agent: Agent;
  readonly reload: Daemon['reload'];
  readonly peers: Peers;
}

function refuse(what: string): (error: Error) => never {
  return (error) => {
    throw new StartError(`${what}: ${error.message}`);
  };
}

async function answerControl(running: Running | null, { command }: ControlRequest): Promise<ControlAnswer> {
  if (running === null) return { ok: false, error: 'still starting' };
  const { agent, reload } = running;
  switch (command) {
    case 'status':
      return { ok: true, result: await pairStatus(running) };
    case 'drain':
      agent.drain();
      return { ok: true, result: agent.status() };
    case 'resume':
      agent.resume();
      return { ok: true, result: agent.status() };
    case 'reload': {
      const reloaded = await reload();
      if (!reloaded.refused) return { ok: true, result: reloaded };
      return { ok: false, error: 'refused, nothing was changed', details: reloaded.reasons };
    }
    default:
      return { ok: false, error: `unknown command ${command}` };
  }
}

/** This host as it is once its peers have answered. */
async function pairStatus({ agent, peers }: Running): Promise<PairStatus> {
  const said = await peers.statuses(agent.settings.config.global.metricsPeers);
  return { ...agent.status(), peers: said };
}

async function pairView(running: Running): Promise<PairView> {
  const { agent, peers } = running;
  const [status, histories] = await Promise.all([
    pairStatus(running),
    peers.histories(agent.settings.config.global.metricsPeers),
  ]);
  return composeView(status, agent.history(), histories, Date.now());
}

async function answerHttp(
  running: Running | null,
  metrics: Metrics,
  path: string,
): Promise<HttpAnswer | null> {
  const json = (status: number, value: unknown): HttpAnswer => ({
    status,
    type: 'application/json',
    // What people read too has lines; what is long has not.
    body: `${JSON.stringify(value, null, SHORT.has(path) ? 2 : 0)}\n`,
  });
  if (path === '/metrics') {
    return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
  }
  if (path === '/') return pageAnswer();
  if (path === '/healthz') {
    if (running === null) return json(503, { healthy: false });
    const status = running.agent.status();
    const healthy = isHealthy(status);
    const instances = Object.fromEntries(status.instances.map(({ name, state }) => [name, state]));
    return json(healthy ? 200 : 503, { healthy, instances });
  }
  const answer = ANSWERS[path];
  if (answer === undefined) return null;
  return running === null ? json(503, { error: 'still starting' }) : json(200, await answer(running));
}

const SHORT: ReadonlySet<string> = new Set(['/status', '/healthz']);

/** What is there once the daemon has started. */
const ANSWERS: Readonly<Record<string, (running: Running) => unknown>> = {
  '/status': ({ agent }) => agent.status(),
  '/history': ({ agent }) => agent.history(),
  '/pair': pairView,
};
