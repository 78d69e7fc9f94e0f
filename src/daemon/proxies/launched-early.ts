/**
 * A proxy that takes clients before the daemon has got so far as to ask for it. Whoever launches the program then is given
 * the process that runs already, and hears all that it has told since.
 */
import type { LaunchEvents, ProxyProgram } from './program.ts';

type Told = (events: LaunchEvents) => void;

export interface LaunchedEarly {
  /** To be used in place of the program that was launched. */
  readonly program: ProxyProgram;
  /** Nobody will ask for it: unless somebody has, it is stopped. */
  dismiss(): void;
}

/** Launches `program` now. `onLine` gets what is to be said when it ends before anybody has asked for it. */
export function launchEarly(program: ProxyProgram, onLine: (line: string) => void): LaunchedEarly {
  let told: Told[] = [];
  let events: LaunchEvents | null = null;
  let state: 'waiting' | 'taken' | 'over' = 'waiting';
  const tell = (what: Told): void => {
    if (events === null) told.push(what);
    else what(events);
  };
  const child = program.launch({
    onLine: (line) => tell((to) => to.onLine(line)),
    onListening: () => tell((to) => to.onListening()),
    onReport: (report) => tell((to) => to.onReport(report)),
    onSearch: () => tell((to) => to.onSearch()),
    onEnd(how) {
      if (state === 'waiting') {
        state = 'over';
        told = [];
        onLine(`ended early: ${how}`);
      } else tell((to) => to.onEnd(how));
    },
  });
  const dismiss = (): void => {
    if (state !== 'waiting') return;
    state = 'over';
    child.stop();
    program.rest();
    program.shut();
  };
  return {
    program: {
      ...program,
      launch(next) {
        if (state !== 'waiting') return program.launch(next);
        state = 'taken';
        // A launch answers before any of its events.
        setImmediate(() => {
          events = next;
          for (const what of told.splice(0)) what(next);
        });
        return child;
      },
      close() {
        dismiss();
        program.close();
      },
    },
    dismiss,
  };
}
