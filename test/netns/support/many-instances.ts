/** As many virtual routers as an interface can have, on a pair of hosts with the same program: are they elected in time? */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { startKeepalived } from '../../../src/lab/keepalived.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import { createLab } from '../../../src/lab/namespaces.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import { startDaemon } from './daemon.ts';
import { type InstanceSpec, keepalivedConf, memcacheHaConfig } from './instance-spec.ts';
import { cpuSeconds, residentMegabytes } from './process-cost.ts';
import { entered, type NodeState, type Program } from './vrrp-node.ts';

/** All VRIDs. */
export const MANY = 255;

/** Times in ms, CPU in percent of a core, memory in MB; processes that the program started are part of it. */
export interface ManyCost {
  /** From the start of A's program, which was ready before B's, until A was MASTER of all. */
  readonly elected: number;
  /** Changes of state on both hosts while nothing happened. */
  readonly unrest: number;
  readonly masterCpu: number;
  readonly masterRss: number;
  readonly backupCpu: number;
  readonly backupRss: number;
  /** From A's SIGTERM until B was MASTER of all, and until B's kernel had all addresses. */
  readonly handedOver: number;
  readonly addressed: number;
  /** From A's SIGTERM until its program had ended, and addresses that A still had then. */
  readonly ended: number;
  readonly left: number;
  /** Virtual addresses that either program missed and put back, though nobody had taken them away. */
  readonly putBack: number;
}

const instances = (priority: number): InstanceSpec[] =>
  Array.from({ length: MANY }, (_, index) => ({
    name: `V${index + 1}`,
    vrid: index + 1,
    version: 2,
    priority,
    interval: 1,
    password: '1111',
    vips: [`10.9.1.${index + 1}`],
  }));

/** Elects, watches for `watched` ms, and hands over. */
export async function electMany(program: Program, watched: number): Promise<ManyCost> {
  const lab = await createLab({ prefix: 'mhamany' });
  try {
    const { a, b } = lab.hosts;
    const begun = monotonicNow();
    const onA = await start(program, a, 150);
    const onB = await start(program, b, 100);
    await until('A is MASTER of all', () => onA.count('MASTER') === MANY, { timeout: 30_000 });
    const elected = monotonicNow() - begun;
    await until('A has all addresses', async () => (await held(a)) === MANY);
    // The second burst of ARPs is 5 s after the takeover.
    await sleep(6000);

    const changes = onA.changes() + onB.changes();
    const pids = { a: a.pids(), b: b.pids() };
    const before = { a: cpuSeconds(pids.a), b: cpuSeconds(pids.b) };
    await sleep(watched);
    const percent = (seconds: number) => (seconds / watched) * 100_000;
    const watchedCost = {
      unrest: onA.changes() + onB.changes() - changes,
      masterCpu: percent(cpuSeconds(pids.a) - before.a),
      masterRss: residentMegabytes(pids.a),
      backupCpu: percent(cpuSeconds(pids.b) - before.b),
      backupRss: residentMegabytes(pids.b),
    };

    const term = monotonicNow();
    onA.process.kill('SIGTERM');
    await until('B is MASTER of all', () => onB.count('MASTER') === MANY, { timeout: 30_000 });
    const handedOver = monotonicNow() - term;
    await until('B has all addresses', async () => (await held(b)) === MANY);
    const addressed = monotonicNow() - term;
    await onA.process.stop(10_000);
    return {
      elected,
      ...watchedCost,
      handedOver,
      addressed,
      ended: monotonicNow() - term,
      left: await held(a),
      putBack: onA.putBack() + onB.putBack(),
    };
  } finally {
    await lab.destroy();
  }
}

/** How many of the virtual addresses the host has. */
async function held(host: Host): Promise<number> {
  return (await host.addresses()).filter(({ address }) => address.startsWith('10.9.1.')).length;
}

async function start(program: Program, host: Host, priority: number) {
  const specs = instances(priority);
  const process: LabProcess =
    program === 'keepalived'
      ? await startKeepalived(host, keepalivedConf(specs))
      : (await startDaemon(host, memcacheHaConfig(specs))).process;
  const states = new Map<string, NodeState>();
  let changes = 0;
  let putBack = 0;
  const take = ({ text }: { readonly text: string }) => {
    if (text.includes('taken away by somebody else')) putBack += 1;
    const change = entered(program, text);
    if (change === null) return;
    states.set(change.instance, change.state);
    changes += 1;
  };
  for (const stream of [process.stdout, process.stderr]) {
    stream.lines.forEach(take);
    stream.onLine(take);
  }
  return {
    process,
    changes: () => changes,
    putBack: () => putBack,
    count: (state: NodeState) => [...states.values()].filter((one) => one === state).length,
  };
}
