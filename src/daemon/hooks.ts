/**
 * The notify hooks of one instance or sync group: in order, one at a time, each with a deadline. Nothing ever waits for them but
 * the hooks behind them.
 */
import type { Command, HooksConfig } from '../config/config.ts';
import { type CommandResult, type RunningCommand, runCommand } from '../io/command.ts';
import type { User } from '../io/user.ts';

/** How long one hook may run, in ms. */
export const HOOK_DEADLINE = 30_000;
/** Hooks that may wait behind a slow one; then the oldest waiting one is dropped. */
const LONGEST_QUEUE = 64;

/** States that have a hook. */
export type HookState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP';
/** keepalived's keyword of a hook. */
export type HookName = 'notify_master' | 'notify_backup' | 'notify_fault' | 'notify_stop' | 'notify';

export interface HookOutcome {
  readonly hook: HookName;
  readonly command: Command;
  readonly result: CommandResult['outcome'] | 'dropped';
  readonly how: string;
  readonly output: string;
  readonly took: number;
}

export interface HookRunnerOptions {
  /** keepalived's first word for the generic hook. */
  readonly type: 'INSTANCE' | 'GROUP';
  readonly instance: string;
  /** What a hook is run with: asked for each time, because a reload may change it. */
  readonly setting: () => HookSetting;
  readonly onEnd: (outcome: HookOutcome) => void;
  /** Gets keepalived's line for the notify FIFO, at once. */
  readonly fifo: (line: string) => void;
}

export interface HookSetting {
  readonly hooks: HooksConfig;
  readonly user: User | undefined;
  /** Beside MEMCACHE_HA_INSTANCE, _STATE and _PRIORITY, which every hook gets. */
  readonly env: Readonly<Record<string, string>>;
}

export interface HookRunner {
  notify(state: HookState, priority: number): void;
  /** Waits for all of them, but no longer than one of them may run; then kills the running one. */
  finish(): Promise<void>;
}

interface Waiting {
  readonly hook: HookName;
  readonly command: Command;
  readonly user: User | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export function createHookRunner({ type, instance, setting, onEnd, fifo }: HookRunnerOptions): HookRunner {
  const waiting: Waiting[] = [];
  let running: RunningCommand | null = null;
  let working: Promise<void> = Promise.resolve();

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const begun = performance.now();
      running = runCommand({ command: next.command, timeout: HOOK_DEADLINE, user: next.user, env: next.env });
      const { outcome, how, output } = await running.result;
      const { hook, command } = next;
      onEnd({ hook, command, result: outcome, how, output, took: performance.now() - begun });
    }
    running = null;
  };

  return {
    notify(state, priority) {
      fifo(`${type} "${instance}" ${state} ${priority}`);
      const { hooks, user, env } = setting();
      const named = { MASTER: hooks.master, BACKUP: hooks.backup, FAULT: hooks.fault, STOP: hooks.stop }[
        state
      ];
      const hookEnv = {
        ...env,
        MEMCACHE_HA_INSTANCE: instance,
        MEMCACHE_HA_STATE: state,
        MEMCACHE_HA_PRIORITY: String(priority),
      };
      const add = (hook: HookName, command: Command): void => {
        waiting.push({ hook, command, user, env: hookEnv });
      };
      // keepalived's order: the state's own hook, then the generic one with its four words.
      if (named !== null) add(`notify_${state.toLowerCase()}` as HookName, named);
      if (hooks.any !== null) add('notify', [...hooks.any, type, instance, state, String(priority)]);
      while (waiting.length > LONGEST_QUEUE) {
        const { hook, command } = waiting.shift()!;
        onEnd({ hook, command, result: 'dropped', how: 'too many hooks are waiting', output: '', took: 0 });
      }
      if (running === null && waiting.length > 0) working = work();
    },
    async finish() {
      const patience = new Promise<void>((resolve) => setTimeout(resolve, HOOK_DEADLINE).unref());
      await Promise.race([working, patience]);
      waiting.length = 0;
      running?.kill();
    },
  };
}
