/**
 * The service manager that started us (systemd), told how we are by datagrams as sd_notify(3) describes them. Carries
 * words; when to say what is the daemon's. Without a manager nothing is sent.
 */
import {
  AF_UNIX,
  EAGAIN,
  openSocket,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SystemCallError,
  sendTo,
} from './libc.ts';

/** Bytes of `sun_path`, unix(7). */
const LONGEST_ADDRESS = 108;
/** A manager whose queue is full is asked again after so many ms. */
const RETRY = 50;
/** Messages that may wait for it; then the oldest goes, which is the least true one. */
const MOST_WAITING = 32;

export interface ServiceManager {
  /** It must hear `alive` at least once in so many ms, or it kills us; null: it does not watch. */
  readonly watchdog: number | null;
  /** False: there is none, and all of this does nothing. */
  readonly listens: boolean;
  /** The start, or a reload, is over. */
  ready(): void;
  /** A reload has begun; `ready` ends it. */
  reloading(): void;
  /** The end has begun, and will take at most so many ms. */
  stopping(within: number): void;
  /** One line for `systemctl status`. */
  status(line: string): void;
  alive(): void;
}

const SILENT: ServiceManager = {
  watchdog: null,
  listens: false,
  ready() {},
  reloading() {},
  stopping() {},
  status() {},
  alive() {},
};

/**
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of `environment`: they are for this process, and not for those
 * that it starts. An address that is none (neither a path nor abstract, or too long) is as good as no manager.
 */
export function connectServiceManager(environment: NodeJS.ProcessEnv): ServiceManager {
  const { NOTIFY_SOCKET: path = '', WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  const address = unixAddress(path);
  if (address === null) return SILENT;

  const fd = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const waiting: string[] = [];
  let retry: NodeJS.Timeout | undefined;

  const flush = (): void => {
    retry = undefined;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        sendTo(fd, Buffer.from(next), address);
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error;
        if (error.errno === EAGAIN) {
          retry = setTimeout(flush, RETRY).unref();
          return;
        }
        // It has gone, or begins anew: what it did not hear it cannot be told later.
      }
      waiting.shift();
    }
  };
  const tell = (...assignments: readonly string[]): void => {
    waiting.push(assignments.join('\n'));
    if (waiting.length > MOST_WAITING) waiting.shift();
    if (retry === undefined) flush();
  };

  const watched = usec !== undefined && (pid === undefined || pid === String(process.pid));
  return {
    watchdog: watched && Number(usec) > 0 ? Number(usec) / 1000 : null,
    listens: true,
    ready: () => tell('READY=1'),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: (within) => tell('STOPPING=1', `EXTEND_TIMEOUT_USEC=${Math.ceil(within) * 1000}`),
    status: (line) => tell(`STATUS=${line.replaceAll(/\s+/g, ' ')}`),
    alive: () => tell('WATCHDOG=1'),
  };
}

/** `struct sockaddr_un` of unix(7): a path, or after an `@` a name in the abstract namespace; null: it is neither. */
function unixAddress(path: string): Uint8Array | null {
  const name = Buffer.from(path);
  if (!/^[/@]./.test(path) || name.length >= LONGEST_ADDRESS) return null;
  if (path.startsWith('@')) name[0] = 0;
  const family = new Uint8Array(Uint16Array.of(AF_UNIX).buffer);
  // A path ends with a NUL; an abstract name is as long as the address says.
  return path.startsWith('@') ? Buffer.concat([family, name]) : Buffer.concat([family, name, Buffer.of(0)]);
}
