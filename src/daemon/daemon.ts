/**
 * The process around the agent: what it must be allowed to do, its log and metrics, and the two listeners through
 * which people and Prometheus ask it. The listeners come first, so that a taken port stops us before the host is
 * touched.
 */
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import { missingCapabilities } from '../io/capabilities.ts';
import { type ControlAnswer, type ControlRequest, serveControl } from '../io/control-socket.ts';
import { type HttpAnswer, serveHttp } from '../io/http-server.ts';
import { lookUpUser, type User } from '../io/user.ts';
import { type Agent, startAgent } from './agent.ts';
import { registerMemcachedMetrics } from './memcached-metrics.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { isHealthy } from './status.ts';

/** Something that the operator must mend before the daemon can start; the message is one line for them. */
export class StartError extends Error {}

/** keepalived's default user of scripts, when there is such a user. */
const DEFAULT_SCRIPT_USER = 'keepalived_script';

export interface Daemon {
  /** Hands over what this host holds and stops; resolves when nothing is left on the host. Bounded. */
  shutdown(): Promise<void>;
}

/** Starts everything; throws StartError, and then leaves nothing behind. */
export async function startDaemon(config: Config, version: string, log: Logger): Promise<Daemon> {
  const missing = missingCapabilities();
  if (missing.length > 0) {
    throw new StartError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: run as root or grant it`,
    );
  }
  const user = resolveUsers(config);
  const metrics = createMetrics(version);
  let agent: Agent | null = null;
  registerMemcachedMetrics(metrics.registry, () => agent?.probed() ?? new Map());

  const closers: (() => void)[] = [];
  const closeAll = (): void => {
    for (const close of closers) close();
  };
  try {
    const { control, metrics: listen } = config.global;
    closers.push(
      (await serveControl(control, (request) => answerControl(agent, request)).catch(refuse('control')))
        .close,
    );
    if (listen !== null) {
      const answer = (path: string) => answerHttp(agent, metrics, path);
      const where = `metrics ${formatEndpoint(listen)}`;
      closers.push((await serveHttp(listen.host, listen.port, answer).catch(refuse(where))).close);
    }
    agent = await startAgent({ settings: { config, user }, version, metrics, log });
  } catch (error) {
    closeAll();
    throw error instanceof StartError ? error : new StartError((error as Error).message);
  }
  const running = agent;
  const instances = config.instances.map(({ name }) => name);
  log.info({ version, pid: process.pid, instances }, `memcache-ha ${version} started`);

  return {
    async shutdown() {
      log.info('stopping');
      await running.shutdown();
      closeAll();
      log.info('stopped');
    },
  };
}

/**
 * Who scripts and hooks run as, looked up once so that a missing user is found at the start. keepalived's rule: the
 * script's own user, else `script_user`, else keepalived_script when there is such a user, else ourselves.
 */
function resolveUsers(config: Config): (name: string | null) => User | undefined {
  if (process.getuid?.() !== 0) return () => undefined; // only root can be somebody else
  const wanted = [
    { key: 'global_defs.script_user', name: config.global.scriptUser },
    ...config.scripts.map(({ name, user }) => ({ key: `vrrp_script.${name}.user`, name: user })),
  ];
  const users = new Map<string, User>();
  for (const { key, name } of wanted) {
    if (name === null || users.has(name)) continue;
    const user = lookUpUser(name);
    if (user === null) throw new StartError(`${key}: there is no user ${name}`);
    users.set(name, user);
  }
  const { scriptUser } = config.global;
  const standard =
    scriptUser === null ? (lookUpUser(DEFAULT_SCRIPT_USER) ?? undefined) : users.get(scriptUser);
  return (name) => (name === null ? standard : users.get(name));
}

function refuse(what: string): (error: Error) => never {
  return (error) => {
    throw new StartError(`${what}: ${error.message}`);
  };
}

async function answerControl(agent: Agent | null, { command }: ControlRequest): Promise<ControlAnswer> {
  if (agent === null) return { ok: false, error: 'still starting' };
  switch (command) {
    case 'status':
      return { ok: true, result: agent.status() };
    case 'drain':
      agent.drain();
      return { ok: true, result: agent.status() };
    case 'resume':
      agent.resume();
      return { ok: true, result: agent.status() };
    default:
      return { ok: false, error: `unknown command ${command}` };
  }
}

async function answerHttp(agent: Agent | null, metrics: Metrics, path: string): Promise<HttpAnswer | null> {
  const json = (status: number, value: unknown): HttpAnswer => ({
    status,
    type: 'application/json',
    body: `${JSON.stringify(value, null, 2)}\n`,
  });
  switch (path) {
    case '/metrics':
      return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
    case '/status':
      return agent === null ? json(503, { error: 'still starting' }) : json(200, agent.status());
    case '/healthz': {
      if (agent === null) return json(503, { healthy: false });
      const status = agent.status();
      const healthy = isHealthy(status);
      const instances = Object.fromEntries(status.instances.map(({ name, state }) => [name, state]));
      return json(healthy ? 200 : 503, { healthy, instances });
    }
    default:
      return null;
  }
}
