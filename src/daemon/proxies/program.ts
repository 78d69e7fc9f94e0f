/** How a proxy is started: the one thing in which engines differ. */
import type { ProxyReport } from '../../config/bundled-proxy.ts';
import type { Child } from '../../io/child.ts';

export interface LaunchEvents {
  readonly onLine: (line: string) => void;
  /** Once, when clients are taken. */
  readonly onListening: () => void;
  /** It tells how its copies are. Only the bundled proxy does. */
  readonly onReport: (report: ProxyReport) => void;
  /** Its clients wait for a copy that was silent. Only the bundled proxy tells. */
  readonly onSearch: () => void;
  /** Once, when it ended or could not be started. */
  readonly onEnd: (how: string) => void;
}

export interface ProxyProgram {
  /** Starts it; the events follow later, never from within the call. */
  launch(events: LaunchEvents): Child;
  /** It can be launched before the address that it listens on is here. */
  readonly needsNoAddress: boolean;
  /** Clients are refused until it is launched again: it does not run any more. */
  shut(): void;
  /** Another master was heard: what `child` knows of the copies may be old. Other programs than the bundled one know nothing. */
  recheck(child: Child): void;
  /** What stands by may soon be launched: it finds out what it can. Other programs than the bundled one do not stand by. */
  lookOut(): void;
  /** The proxy is not wanted for now. */
  rest(): void;
  /** Lets go of what is kept ready for the next launch. */
  close(): void;
}
