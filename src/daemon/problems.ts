/**
 * What is not as it should be, of one host and of the pair, a line each and the worst first: for `status` and the page.
 * Judges what a status says; asks nobody.
 */
import type { InstanceStatus, PairStatus, Status } from './status.ts';

/** `bad`: clients suffer, or nothing protects them. `warning`: they would, if one more thing failed. */
export interface Problem {
  readonly severity: 'bad' | 'warning';
  /** The host whose problem it is, by router_id; null: the pair's. */
  readonly host: string | null;
  readonly text: string;
}

/** A claim or another master that was heard so lately is no history yet; ms. */
const LATELY = 60_000;

const bad = (text: string): Omit<Problem, 'host'> => ({ severity: 'bad', text });
const warning = (text: string): Omit<Problem, 'host'> => ({ severity: 'warning', text });

/** `now` in ms since the epoch. */
export function problemsOf({ peers, ...own }: PairStatus, now: number): Problem[] {
  const others = peers.flatMap(({ status }) => status ?? []);
  const hosts = [own, ...others];
  const unreached = peers
    .filter(({ reached }) => !reached)
    .map(({ address, detail }) => ({
      ...warning(`the peer ${address} does not answer: ${detail}`),
      host: null,
    }));
  const problems: Problem[] = [
    ...own.instances.flatMap((instance) => problemsOfRouter(instance, others, unreached.length > 0)),
    ...unreached,
    ...hosts.flatMap((host) => problemsOfHost(host, now).map((each) => ({ ...each, host: host.router_id }))),
  ];
  return problems.toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ severity }: Problem): number => (severity === 'bad' ? 0 : 1);

/** The instance of another host that is the same virtual router; undefined: it has none. */
export function counterpart(instance: InstanceStatus, host: Status): InstanceStatus | undefined {
  const same = host.instances.filter((other) => other.virtual_router_id === instance.virtual_router_id);
  const addresses = new Set(instance.virtual_addresses.map(({ address }) => address));
  return (
    same.find(({ virtual_addresses }) => virtual_addresses.some(({ address }) => addresses.has(address))) ??
    same.find(({ name }) => name === instance.name)
  );
}

/** Of a virtual router as a whole: nobody serves, or two do. */
function problemsOfRouter(own: InstanceStatus, others: readonly Status[], incomplete: boolean): Problem[] {
  const found = others.flatMap((host) => {
    const instance = counterpart(own, host);
    return instance === undefined ? [] : [{ host, instance }];
  });
  const instances = [own, ...found.map(({ instance }) => instance)];
  const masters = instances.filter(({ state, handing_over }) => state === 'MASTER' && !handing_over);
  const all = (text: string): Problem => ({ ...bad(`${own.name}: ${text}`), host: null });
  if (masters.length > 1) return [all(`${masters.length} hosts are MASTER at once`)];
  // Who holds it may be a host that nobody asks, such as one with keepalived: then its advertisements are heard.
  const served = masters.length > 0 || instances.some(({ master }) => master !== null);
  const serving = instances.some(({ handing_over }) => handing_over);
  if (served || serving) return [];
  return [all(incomplete || others.length === 0 ? 'no MASTER is heard' : 'no host is MASTER')];
}

/** The last advertisement of the master before may cross the first one of its successor. */
function isOfTakeover({ state, since, advert_seconds }: InstanceStatus, at: string): boolean {
  return state === 'MASTER' && Date.parse(at) - Date.parse(since) <= advert_seconds * 1000;
}

function problemsOfHost(host: Status, now: number): Omit<Problem, 'host'>[] {
  const lately = (at: string): boolean => now - Date.parse(at) < LATELY;
  const drained = host.drained ? [warning('drained: stays out until `memcache-ha resume`')] : [];
  const instances = host.instances.flatMap((instance) => [
    ...(instance.state === 'FAULT' ? [bad(`${instance.name} is in FAULT: ${faultsOf(instance)}`)] : []),
    ...(instance.state === 'INIT' ? [warning(`${instance.name} waits for its first checks`)] : []),
    ...(instance.state === 'STOP' ? [warning(`${instance.name} has stopped`)] : []),
    ...instance.cold.map(({ kind, name, detail }) =>
      warning(`${instance.name} is MASTER only while no other host is: ${kind} ${name} is ${detail}`),
    ),
    ...(instance.other_master !== null &&
    lately(instance.other_master.at) &&
    !isOfTakeover(instance, instance.other_master.at)
      ? [bad(`${instance.name}: another master is heard beside this one, ${instance.other_master.address}`)]
      : []),
    ...instance.virtual_addresses.flatMap(({ address, conflict }) =>
      conflict !== null && lately(conflict.at)
        ? [bad(`${instance.name}: ${address} is claimed by ${conflict.mac} as well`)]
        : [],
    ),
    ...(instance.state === 'MASTER' && !instance.handing_over
      ? instance.virtual_addresses
          .filter(({ held }) => !held)
          .map(({ address }) => bad(`${instance.name} is MASTER, but ${address} is not here`))
      : []),
  ]);
  const told = new Set(
    host.instances
      .filter(({ state }) => state === 'FAULT')
      .flatMap(({ faults }) => faults.map(({ kind, name }) => `${kind} ${name}`)),
  );
  const memcached = host.memcached.flatMap(({ name, status, detail, copy, peer }) => [
    ...(status === 'down' && !told.has(`memcached ${name}`)
      ? [bad(`memcached ${name} is down: ${detail}`)]
      : []),
    ...(status === 'up' && copy !== null && !['whole', 'unknown'].includes(copy)
      ? [warning(`memcached ${name} is ${copy}`)]
      : []),
    ...(peer?.status === 'down'
      ? [warning(`memcached ${name}: its peer ${peer.address} is gone: ${peer.detail}`)]
      : []),
  ]);
  const checks = [
    ['script', host.scripts],
    ['process', host.processes],
    ['file', host.files],
  ] as const;
  const others = checks.flatMap(([kind, entries]) =>
    entries
      .filter(({ name, status }) => status === 'down' && !told.has(`${kind} ${name}`))
      .map(({ name, detail }) => warning(`${kind} ${name} is down: ${detail}`)),
  );
  const masters = new Set(host.instances.filter(({ state }) => state === 'MASTER').map(({ proxy }) => proxy));
  const proxies = host.proxies.flatMap(({ name, up, detail, copies }) => [
    ...(masters.has(name) && !up ? [bad(`proxy ${name} does not run: ${detail || 'not started yet'}`)] : []),
    ...copies
      .filter((copy) => up && !(copy.up && copy.whole))
      .map((copy) => warning(`proxy ${name}: copy ${copy.name} is ${copy.up ? 'not whole yet' : 'out'}`)),
  ]);
  return [...drained, ...instances, ...memcached, ...others, ...proxies];
}

function faultsOf({ faults }: InstanceStatus): string {
  const lines = faults.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);
  return lines.length === 0 ? 'it does not say why' : lines.join('; ');
}
