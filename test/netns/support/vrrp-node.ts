/** A host's VRRP speaker, keepalived or memcache-ha, behind one face: started, stopped, and asked for its states. */
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { startKeepalived } from '../../../src/lab/keepalived.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import { startDaemon } from './daemon.ts';
import { type InstanceSpec, keepalivedConf, memcacheHaConfig, type ScriptSpec } from './instance-spec.ts';

export type Program = 'keepalived' | 'memcache-ha';
/** STOP: the program has ended, or says that it will. */
export type NodeState = 'BACKUP' | 'MASTER' | 'FAULT' | 'STOP';

/** A state was entered; `t` is when the test read of it, in ms on CLOCK_MONOTONIC. */
export interface StateChange {
  readonly t: number;
  readonly state: NodeState;
}

export interface VrrpNode {
  readonly program: Program;
  readonly host: Host;
  /** Since the first start, oldest first. */
  readonly states: readonly StateChange[];
  /** The latest of them; STOP before the first start. */
  state(): NodeState;
  /** Starts the program; it may be started again after it was stopped. */
  start(): Promise<void>;
  /** SIGTERM, and waits for the end of the program. */
  terminate(): Promise<void>;
  /** All that it said, for error messages. */
  log(): string;
}

export interface NodeOptions {
  readonly program: Program;
  readonly host: Host;
  readonly instance: InstanceSpec;
  readonly scripts?: readonly ScriptSpec[];
  /** Further sections and instance keys that only memcache-ha has. */
  readonly ours?: {
    readonly sections: Readonly<Record<string, unknown>>;
    readonly instance: Readonly<Record<string, unknown>>;
  };
}

/** Node takes a third of a second of a core to start: many at once would starve those that run already. */
const STARTS_AT_ONCE = 2;
const startSlot = semaphore(STARTS_AT_ONCE);

export function createNode(options: NodeOptions): VrrpNode {
  const { program, host, instance } = options;
  const states: StateChange[] = [];
  const runs: LabProcess[] = [];

  const enter = (t: number, text: string): void => {
    const change = entered(program, text);
    if (change === null || change.instance !== instance.name || states.at(-1)?.state === change.state) return;
    states.push({ t, state: change.state });
  };
  const watch = (process: LabProcess): void => {
    runs.push(process);
    // Nothing is lost between the start and now: what was said already comes first.
    for (const stream of [process.stdout, process.stderr]) {
      for (const { t, text } of stream.lines) enter(t, text);
      stream.onLine(({ t, text }) => enter(t, text));
    }
    void process.exited.then(() => {
      if (states.at(-1)?.state !== 'STOP') states.push({ t: monotonicNow(), state: 'STOP' });
    });
  };
  return {
    program,
    host,
    states,
    state: () => states.at(-1)?.state ?? 'STOP',
    start: () =>
      startSlot(async () => {
        const before = states.length;
        watch(program === 'keepalived' ? await runKeepalived(options) : await runMemcacheHa(options));
        await until(`${host.name} has left INIT`, () => states.length > before, { every: 5 });
      }),
    terminate: async () => {
      await runs.at(-1)?.stop();
    },
    log: () =>
      runs
        .map((run) => `--- ${program} on ${host.name}\n${run.stdout.text()}${run.stderr.text()}`)
        .join('\n'),
  };
}

function runKeepalived({ host, instance, scripts }: NodeOptions): Promise<LabProcess> {
  return startKeepalived(host, keepalivedConf([instance], scripts));
}

async function runMemcacheHa({ host, instance, scripts, ours }: NodeOptions): Promise<LabProcess> {
  const config = memcacheHaConfig([instance], scripts);
  const [value] = Object.values(config.vrrp_instance as Record<string, object>);
  const instances = { [instance.name]: { ...value, ...ours?.instance } };
  return (await startDaemon(host, { ...config, ...ours?.sections, vrrp_instance: instances })).process;
}

/** The state that a line of a program's log tells of; null when it is about something else. */
export function entered(
  program: Program,
  line: string,
): { readonly instance: string; readonly state: NodeState } | null {
  const [, instance, state] =
    (program === 'keepalived'
      ? /\((\S+)\) Entering (MASTER|BACKUP|FAULT) STATE/
      : /"instance":"(\w+)".*"msg":"[A-Z]+ -> (MASTER|BACKUP|FAULT|STOP): /
    ).exec(line) ?? [];
  return instance === undefined ? null : { instance, state: state as NodeState };
}

/** At most `slots` of the acts at once, in the order in which they were asked for. */
function semaphore(slots: number): <T>(act: () => Promise<T>) => Promise<T> {
  let free = slots;
  const waiting: Array<() => void> = [];
  return async (act) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
