/** Runs one vrrp_script every interval, never two at a time. Fails closed: one that cannot be run is a failing one. */
import type { ScriptConfig } from '../../config/config.ts';
import { type RunningCommand, runCommand } from '../../io/command.ts';
import type { User } from '../../io/user.ts';
import type { Report } from './report.ts';

/** Begins at once; returns what ends it. */
export function startScript(
  { script, interval, timeout }: ScriptConfig,
  user: User | undefined,
  report: Report,
): () => void {
  let running: RunningCommand | null = null;
  let stopped = false;
  const run = async (): Promise<void> => {
    if (running !== null) return;
    running = runCommand({ command: script, timeout, user, env: {} });
    const { outcome, how, output } = await running.result;
    running = null;
    if (stopped) return;
    const said = output === '' ? '' : `: ${output.split('\n', 1)[0]}`;
    report(outcome === 'success' ? { ok: true } : { ok: false, final: false, detail: `${how}${said}` });
  };
  const timer = setInterval(() => void run(), interval);
  void run();
  return () => {
    stopped = true;
    clearInterval(timer);
    running?.kill();
  };
}
