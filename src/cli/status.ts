/** `memcache-ha status`: asks the running daemon and shows its answer to people or, with --json, to programs. */
import type { CopyReport, RefillReport } from '../config/bundled-proxy.ts';
import type { CacheStatus, InstanceStatus, Status } from '../daemon/status.ts';
import { askControl } from '../io/control-socket.ts';
import { DEFAULT_CONTROL, readOptions } from './options.ts';

/** How long the daemon may take to answer, in ms. */
const PATIENCE = 5_000;

/** Exit 0 with an answer, 1 without. */
export async function status(argv: readonly string[]): Promise<number> {
  const options = readOptions('status', argv, {
    control: { type: 'string', default: DEFAULT_CONTROL },
    json: { type: 'boolean', default: false },
  });
  if (options === null) return 2;
  try {
    const answer = await askControl(options.control, { command: 'status' }, PATIENCE);
    if (!answer.ok) throw new Error(answer.error);
    const result = answer.result as Status;
    process.stdout.write(
      options.json ? `${JSON.stringify(result, null, 2)}\n` : describe(result, Date.now()),
    );
    return 0;
  } catch (error) {
    process.stderr.write(`memcache-ha status: ${(error as Error).message}\n`);
    return 1;
  }
}

/** The answer as a person reads it; `now` in ms since the epoch. */
export function describe(status: Status, now: number): string {
  const lines = [
    `memcache-ha ${status.version}, router ${status.router_id}, pid ${status.pid}, up ${ago(status.started, now)}`,
  ];
  if (status.drained) lines.push('drained: stays out until `memcache-ha resume`');
  for (const instance of status.instances) lines.push('', ...describeInstance(instance, now));
  lines.push('');
  for (const memcached of status.memcached) lines.push(...describeMemcached(memcached));
  for (const [kind, checks] of [
    ['script', status.scripts],
    ['process', status.processes],
    ['file', status.files],
  ] as const) {
    for (const { name, status: state, detail } of checks) lines.push(`${kind} ${name}  ${state}  ${detail}`);
  }
  for (const { name, listen, up, pid, restarts, detail, copies, refill } of status.proxies) {
    const running = up ? `listens, pid ${pid}` : detail || 'not running';
    lines.push(`proxy ${name}  ${listen}  ${running}${restarts > 0 ? `, restarted ${restarts} times` : ''}`);
    lines.push(...copies.map(describeCopy));
    if (refill !== null) lines.push(describeRefill(refill));
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function describeCopy({ name, up, whole, generation }: CopyReport): string {
  const what = !up ? 'out' : whole ? 'whole' : 'not whole, not read';
  return `  copy ${name}  ${what}, generation ${generation}`;
}

function describeRefill({ target, source, pass, waiting, done, total, rate, left }: RefillReport): string {
  if (waiting) return `  refilling ${target} waits: ${source} lists its keys for somebody else`;
  const soon = left === null ? '' : `, ${left} s left`;
  return `  refilling ${target} from ${source}: ${pass}, ${done} of ${total} items, ${rate}/s${soon}`;
}

function describeMemcached(memcached: Status['memcached'][number]): string[] {
  const { name, status: state, address, detail, version, probe_seconds, copy, peer, process } = memcached;
  const probe = probe_seconds === null ? '' : `, answered in ${(probe_seconds * 1000).toFixed(1)} ms`;
  const compared = copy === null ? '' : `${copy}  `;
  const good = `${compared}version ${version}${probe}`;
  const running = process === null ? '' : describeProcess(process);
  const line = `memcached ${name}  ${address}  ${state}  ${state === 'up' ? good : detail}${running}`;
  if (peer === null) return [line];
  const generation = peer.generation === null ? 'no generation' : `generation ${peer.generation}`;
  return [line, `  peer ${peer.address}  ${peer.status}  ${peer.status === 'up' ? generation : peer.detail}`];
}

function describeInstance(instance: InstanceStatus, now: number): string[] {
  const { master, faults, cold, transitions } = instance;
  const handing = instance.handing_over ? ', handing over' : '';
  const weighted =
    instance.priority === instance.configured_priority ? '' : ` (configured ${instance.configured_priority})`;
  const lines = [
    `${instance.name}  ${instance.state} for ${ago(instance.since, now)}${handing}`,
    `  interface ${instance.interface}${instance.vmac === null ? '' : ` (addresses on ${instance.vmac})`}, VRID ${instance.virtual_router_id}, priority ${instance.priority}${weighted}`,
    `  master: ${master === null ? 'nobody is heard' : `${master.self ? 'this host' : master.address}, priority ${master.priority}`}`,
  ];
  const { other_master: other } = instance;
  if (other !== null) {
    const when = `${times(other.count)}, last ${ago(other.at, now)} ago`;
    lines.push(`  another master was heard beside us: ${other.address}, priority ${other.priority}, ${when}`);
  }
  for (const { address, held, conflict } of instance.virtual_addresses) {
    const claimed =
      conflict === null
        ? ''
        : `, claimed by ${conflict.mac} as well: ${times(conflict.count)}, last ${ago(conflict.at, now)} ago`;
    lines.push(`  ${address} is ${held ? 'here' : 'not here'}${claimed}`);
  }
  for (const { kind, name, detail } of faults) lines.push(`  fault: ${kind} ${name}: ${detail}`);
  for (const { kind, name, detail } of cold) {
    lines.push(`  ${kind} ${name} is ${detail}: MASTER only while no other host is`);
  }
  for (const { at, from, to, reason, detail } of transitions) {
    lines.push(`  ${at}  ${from} -> ${to}  ${reason}${detail === '' ? '' : `: ${detail}`}`);
  }
  return lines;
}

function describeProcess({ pid, restarts, detail }: CacheStatus): string {
  return [
    pid === null ? ', not running' : `, pid ${pid}`,
    restarts > 0 ? `, restarted ${restarts} times` : '',
    detail === '' ? '' : `, ${detail}`,
  ].join('');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function ago(since: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
