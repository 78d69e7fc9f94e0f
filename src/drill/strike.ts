/** Makes the fault. The only place of a drill that does harm. */
import { takeLinkDown } from '../io/link-state.ts';
import { isAlive, type ProcessIdentity } from '../io/process-identity.ts';
import { stopUnit } from '../io/systemd-unit.ts';

export type Strike =
  | {
      readonly type: 'signal';
      readonly process: ProcessIdentity;
      readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';
    }
  | { readonly type: 'stop-unit'; readonly unit: string }
  | { readonly type: 'link-down'; readonly name: string };

/** Resolves when it is done; a stop that takes its time has then begun, and `failed` hears of it. */
export async function strike(what: Strike, failed: (error: Error) => void): Promise<void> {
  switch (what.type) {
    case 'signal':
      if (!isAlive(what.process)) throw new Error(`pid ${what.process.pid} has ended by itself`);
      process.kill(what.process.pid, what.signal);
      return;
    case 'stop-unit':
      // It resolves when the handover is over: we want to watch that.
      stopUnit(what.unit).catch(failed);
      return;
    case 'link-down':
      return takeLinkDown(what.name);
  }
}
