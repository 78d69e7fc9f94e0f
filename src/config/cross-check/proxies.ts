/** Checks of proxies: what they listen on, what they run, where they send. */
import type { Endpoint } from '../config.ts';
import { parseEndpoint } from '../endpoint.ts';
import type { Findings } from '../findings.ts';
import { PROXY_PLACEHOLDERS, unknownPlaceholder } from '../placeholders.ts';
import { METRICS_LISTEN } from '../schema/global-defs.ts';
import { MEMCACHED_PORT } from '../schema/memcached.ts';
import type { Draft, DraftInstance } from '../schema.ts';
import { virtualIp } from '../virtual-address.ts';

/** IPv4's takes IPv4 alone, IPv6's both. */
const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

/** Reports listen addresses that clash or lie elsewhere than the VIP, unknown placeholders and proxies without a server. */
export function checkProxies(draft: Draft, findings: Findings): void {
  const listening: { readonly what: string; readonly endpoint: Endpoint }[] = [];
  const metrics = draft.global_defs?.metrics;
  const metricsEndpoint = metrics === null ? undefined : endpointOf(metrics?.listen ?? METRICS_LISTEN, null);
  if (metricsEndpoint !== undefined) listening.push({ what: 'metrics', endpoint: metricsEndpoint });

  for (const [name, proxy] of Object.entries(draft.proxy ?? {})) {
    if (proxy === undefined) continue;
    const path = ['proxy', name];
    const endpoint = endpointOf(proxy.listen, null);
    if (endpoint !== undefined) {
      const other = listening.find((one) => clash(one.endpoint, endpoint));
      if (other !== undefined) {
        findings.error(
          [...path, 'listen'],
          `is ${JSON.stringify(proxy.listen)}, where ${other.what} listens already`,
        );
      }
      listening.push({ what: name, endpoint });
      for (const list of ['servers', 'backups'] as const) {
        proxy[list]?.forEach((server, index) => {
          const target = endpointOf(server, MEMCACHED_PORT);
          if (target === undefined || target.host !== endpoint.host || target.port !== endpoint.port) return;
          findings.error(
            [...path, list, index],
            `is ${JSON.stringify(server)}, where this proxy itself listens`,
          );
        });
      }
    }
    const words = typeof proxy.command === 'string' ? [proxy.command] : (proxy.command ?? []);
    words.forEach((word, index) => {
      const wrong = unknownPlaceholder(String(word ?? ''), PROXY_PLACEHOLDERS);
      const at = [...path, 'command', ...(typeof proxy.command === 'string' ? [] : [index])];
      if (wrong !== null) findings.error(at, wrong);
    });
    const hasCommand = (proxy.command ?? null) !== null;
    if (hasCommand && proxy.engine !== undefined && proxy.engine !== 'command') {
      findings.error([...path, 'engine'], `is ${JSON.stringify(proxy.engine)}, but there is a command`);
    }
    if (!hasCommand && proxy.engine === 'command') {
      findings.error([...path, 'engine'], 'is "command", but there is no command');
    }
    // A key that is there without a value had a wrong one, which is reported already.
    const wrong = Object.entries(proxy).some(([, value]) => value === undefined);
    if (!wrong && !hasCommand && (proxy.servers ?? []).length === 0) {
      findings.error([...path, 'servers'], 'is missing, a proxy without a command needs at least one');
    }
  }
  for (const instance of Object.values(draft.vrrp_instance ?? {})) {
    if (instance !== undefined) checkListen(draft, instance, findings);
  }
}

function checkListen(draft: Draft, instance: DraftInstance, findings: Findings): void {
  const name = instance.proxy;
  const proxy = name === undefined ? undefined : draft.proxy?.[name];
  const endpoint = endpointOf(proxy?.listen, null);
  if (name === undefined || proxy === undefined || endpoint === undefined) return;
  const entries = [...(instance.virtual_ipaddress ?? []), ...(instance.virtual_ipaddress_excluded ?? [])];
  const addresses = entries.map(virtualIp);
  // An entry that is itself wrong may be the one that is meant.
  if (addresses.length === 0 || addresses.includes(undefined)) return;
  if (WILDCARDS.includes(endpoint.host)) return;
  if ((proxy.run ?? 'on_master') === 'always') {
    // The bundled proxy waits for its word before it listens; any other program listens as it starts.
    const engine = (proxy.command ?? null) !== null ? 'the command' : (proxy.engine ?? 'bundled');
    if (engine !== 'bundled' && addresses.includes(endpoint.host)) {
      findings.warning(
        ['proxy', name, 'run'],
        `is "always", but ${engine} cannot listen on ${endpoint.host} while that is on the other host; listen on ${endpoint.host.includes(':') ? '::' : '0.0.0.0'}, or set ip_nonlocal_bind`,
      );
    }
    return;
  }
  if (!addresses.includes(endpoint.host)) {
    findings.warning(
      ['proxy', name, 'listen'],
      `${endpoint.host} is no virtual address of the instance that uses this proxy, so clients of the virtual address do not reach it`,
    );
  }
}

function endpointOf(text: string | undefined, defaultPort: number | null): Endpoint | undefined {
  const parsed = text === undefined ? undefined : parseEndpoint(text, defaultPort);
  return parsed?.ok ? parsed.value : undefined;
}

function clash(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port) return false;
  const covers = (wide: Endpoint, other: Endpoint): boolean =>
    wide.host === '::' || (wide.host === '0.0.0.0' && !other.host.includes(':'));
  return a.host === b.host || covers(a, b) || covers(b, a);
}
