/**
 * The bundled proxy with a spare: a second process that has started and is connected to the memcacheds, but takes no
 * clients yet. A start of Node.js takes a tenth of a second; a word to the spare takes a millisecond. All of them
 * inherit one listening socket, so that clients that come in that millisecond, or while a proxy that died is replaced,
 * wait instead of being refused.
 */
import {
  ACCEPT,
  ACCEPTING,
  ALIVE,
  LOOK_OUT,
  PING,
  PROXY_ENVIRONMENT,
  PROXY_NODE_FLAGS,
  type ProxyReport,
  RECHECK,
  REPORT,
  SEARCHING,
} from '../../config/bundled-proxy.ts';
import type { ProxyConfig } from '../../config/config.ts';
import { formatEndpoint } from '../../config/endpoint.ts';
import { type Child, INHERITED, startChild } from '../../io/child.ts';
import { systemClock } from '../../io/clock.ts';
import { bindListeningSocket, type ListeningSocket } from '../../io/listening-socket.ts';
import type { Self } from '../self.ts';
import { watchLiveness } from './liveness.ts';
import type { LaunchEvents, ProxyProgram } from './program.ts';

/** Pause before a spare is made, so that it does not compete with the proxy that has just begun; in ms. */
const SPARE_PAUSE = 200;
/** It doubles with each spare that ends by itself, up to this: one that cannot be started is no load. */
const LONGEST_SPARE_PAUSE = 10_000;
/** How long a spare that was expected to be needed is kept when it is not, in ms. */
const EXPECTED_WITHIN = 5000;

/** A process that was started and whom its events go to: the daemon's log while it is a spare. */
interface Standby {
  readonly child: Child;
  events: LaunchEvents | null;
}

/**
 * `runtime` and `program` are the words that run Node.js and this program; `onLine` gets what a spare says. `expected`: it is
 * about to be launched, so that there is a spare at once whenever it is to run.
 */
export function bundledProgram(
  config: ProxyConfig,
  { runtime, program }: Self,
  onLine: (line: string) => void,
  expected = false,
): ProxyProgram {
  let spare: Standby | null = null;
  /** Spares that ended by themselves since one was put to work. */
  let wasted = 0;
  let pause: NodeJS.Timeout | undefined;
  let unexpected: NodeJS.Timeout | undefined;
  let closed = false;
  const door = openDoor(config, onLine);

  const startStandby = (): Standby => {
    let hung: string | null = null;
    const standby: Standby = {
      child: startChild({
        command: [...runtime, ...PROXY_NODE_FLAGS, ...program, ...bundledArguments(config, door !== null)],
        env: PROXY_ENVIRONMENT,
        input: true,
        ...(door !== null && { inherit: door.descriptor }),
        onLine(line) {
          if (line === ALIVE) liveness.answered();
          else if (line === ACCEPTING) standby.events?.onListening();
          else if (line === SEARCHING) standby.events?.onSearch();
          else if (line.startsWith(`${REPORT} `)) tellReport(standby, line.slice(REPORT.length + 1));
          else (standby.events?.onLine ?? onLine)(line);
        },
        onEnd(signal) {
          liveness.stop();
          const how = hung ?? signal;
          if (standby.events !== null) standby.events.onEnd(how);
          else if (spare === standby) {
            spare = null;
            onLine(`the spare ended: ${how}`);
            keepSpare();
            wasted++;
          }
        },
      }),
      events: null,
    };
    // One that hangs keeps its clients, and those that wait at the door: its end is what helps them.
    const liveness = watchLiveness({
      clock: systemClock,
      ask: () => standby.child.write(`${PING}\n`),
      onHang(silence) {
        hung = `hung: no sign of life for ${silence / 1000} s, killed`;
        standby.child.kill();
      },
    });
    return standby;
  };

  const keepSpare = (): void => {
    clearTimeout(pause);
    if (closed) return;
    pause = setTimeout(
      () => {
        spare ??= startStandby();
      },
      Math.min(SPARE_PAUSE * 2 ** wasted, LONGEST_SPARE_PAUSE),
    );
  };

  const dropSpare = (): void => {
    clearTimeout(pause);
    clearTimeout(unexpected);
    const dropped = spare;
    spare = null;
    dropped?.child.stop();
  };

  // Warm standby: ready before the virtual address comes.
  if (config.run === 'always' || expected) spare = startStandby();
  if (config.run !== 'always' && expected) unexpected = setTimeout(dropSpare, EXPECTED_WITHIN);

  return {
    needsNoAddress: door !== null,
    shut: () => door?.shut(),
    launch(events) {
      clearTimeout(unexpected);
      try {
        door?.open();
      } catch (error) {
        // The proxy finds the same in its way, and ends with it.
        onLine(`${formatEndpoint(config.listen)}: ${(error as Error).message}`);
      }
      if (spare !== null) wasted = 0;
      const active = spare ?? startStandby();
      spare = null;
      active.events = events;
      active.child.write(`${ACCEPT}\n`);
      keepSpare();
      return active.child;
    },
    recheck: (child) => child.write(`${RECHECK}\n`),
    lookOut: () => spare?.child.write(`${LOOK_OUT}\n`),
    rest() {
      if (config.run === 'on_master') dropSpare();
    },
    close() {
      closed = true;
      dropSpare();
      door?.close();
    },
  };
}

/** Both ends are the same program, so that the line is what it says. */
function tellReport({ events }: Standby, json: string): void {
  events?.onReport(JSON.parse(json) as ProxyReport);
}

/** Null: a name is looked up by the proxy itself, and what is in the way of an address may be gone when that starts. */
function openDoor({ listen }: ProxyConfig, onLine: (line: string) => void): ListeningSocket | null {
  try {
    return bindListeningSocket(listen.host, listen.port);
  } catch (error) {
    onLine(`${formatEndpoint(listen)} cannot be bound yet: ${(error as Error).message}`);
    return null;
  }
}

/** The command line of `memcache-ha proxy` for a proxy of the configuration; `inherits`: it is given its socket. */
export function bundledArguments(config: ProxyConfig, inherits = false): string[] {
  const { listen, servers, backups, refillItems, refillBytes } = config;
  return [
    ...['proxy', '-D', '--standby', '-l', listen.host, '-p', String(listen.port)],
    ...(inherits ? ['--listen-fd', String(INHERITED)] : []),
    ...['--refill-items', String(refillItems), '--refill-bytes', String(refillBytes)],
    ...servers.flatMap((server) => ['-s', formatEndpoint(server)]),
    ...backups.flatMap((backup) => ['-b', formatEndpoint(backup)]),
  ];
}
