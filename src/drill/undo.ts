/**
 * Undoing what a drill did: one list of steps, made before the fault, each of which does nothing where its fault was not
 * made or is over. So it may be carried out at any time, by whoever is left to do it.
 */
import { spawn } from 'node:child_process';
import { type LinkStanding, restoreLink } from '../io/link-state.ts';
import { isAlive, type ProcessIdentity } from '../io/process-identity.ts';
import { startUnit } from '../io/systemd-unit.ts';

export type UndoStep =
  /** SIGCONT. */
  | { readonly type: 'continue'; readonly process: ProcessIdentity }
  /** `systemctl start`. */
  | { readonly type: 'start-unit'; readonly unit: string }
  /** Runs the command, unless the process that the drill ended still runs. */
  | { readonly type: 'restart'; readonly command: string; readonly process: ProcessIdentity }
  | { readonly type: 'link-up'; readonly link: LinkStanding };

/** How long a restart command is watched for an early failure, in ms. */
const EARLY_END = 500;

/** What a step does, for people, before and after. */
export function describeUndo(step: UndoStep): string {
  switch (step.type) {
    case 'continue':
      return `SIGCONT to pid ${step.process.pid}`;
    case 'start-unit':
      return `systemctl start ${step.unit}`;
    case 'restart':
      return step.command;
    case 'link-up': {
      const { name, routes, ipv6 } = step.link;
      const more = [
        counted(routes.length, 'route', 'routes'),
        counted(ipv6.length, 'IPv6 address', 'IPv6 addresses'),
      ].filter((part) => part !== '');
      return `ip link set dev ${name} up${more.length === 0 ? '' : `, with its ${more.join(' and ')}`}`;
    }
  }
}

const counted = (count: number, one: string, several: string): string =>
  count === 0 ? '' : count === 1 ? one : `${count} ${several}`;

/** Carries all steps out; what failed, in words. Never rejects. */
export async function undo(steps: readonly UndoStep[]): Promise<string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    try {
      await perform(step);
    } catch (error) {
      failed.push((error as Error).message);
    }
  }
  return failed;
}

async function perform(step: UndoStep): Promise<void> {
  switch (step.type) {
    case 'continue':
      if (isAlive(step.process)) process.kill(step.process.pid, 'SIGCONT');
      return;
    case 'start-unit':
      return startUnit(step.unit);
    case 'restart':
      if (!isAlive(step.process)) await startCommand(step.command);
      return;
    case 'link-up':
      return restoreLink(step.link);
  }
}

/** In a session of its own, for it goes on when we have ended. */
function startCommand(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'ignore', detached: true });
    const settled = setTimeout(resolve, EARLY_END);
    child.unref();
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.on('exit', (code, signal) => {
      clearTimeout(settled);
      if (code === 0) resolve();
      else reject(new Error(`${command}: ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
