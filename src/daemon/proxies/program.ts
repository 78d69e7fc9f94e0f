/** How a proxy is started: the one thing in which engines differ. */
import type { Child } from '../../io/child.ts';

export interface LaunchEvents {
  readonly onLine: (line: string) => void;
  /** Once, when clients are taken. */
  readonly onListening: () => void;
  /** Once, when it ended or could not be started. */
  readonly onEnd: (how: string) => void;
}

export interface ProxyProgram {
  /** Starts it; the events follow later, never from within the call. */
  launch(events: LaunchEvents): Child;
  /** The proxy is not wanted for now. */
  rest(): void;
  /** Lets go of what is kept ready for the next launch. */
  close(): void;
}
