/**
 * `--standby`: a proxy that has started and waits for the word to take clients. Whoever started it writes orders to its
 * standard input, a line each, and is told on standard output; the end of the input ends the proxy.
 */
import { createInterface } from 'node:readline';
import {
  ACCEPT,
  ACCEPTING,
  ALIVE,
  LOOK_OUT,
  PING,
  type ProxyReport,
  RECHECK,
  REPORT,
  SEARCHING,
} from '../config/bundled-proxy.ts';

/** What the input's lines cause. */
export interface Orders {
  readonly onRecheck: () => void;
  readonly onLookOut: () => void;
  /** Nobody is left who could give orders. */
  readonly onOrphaned: () => void;
}

/** Resolves to true when clients are to be taken, to false when nobody is left who could say so. */
export function awaitAccept({ onRecheck, onLookOut, onOrphaned }: Orders): Promise<boolean> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => {
      if (line === ACCEPT) resolve(true);
      else if (line === RECHECK) onRecheck();
      else if (line === PING) process.stdout.write(`${ALIVE}\n`);
      else if (line === LOOK_OUT) onLookOut();
    });
    process.stdin.on('error', () => {});
    process.stdin.on('close', () => {
      resolve(false);
      onOrphaned();
    });
  });
}

/** Tells that clients are taken. */
export function tellAccepting(): void {
  process.stdout.write(`${ACCEPTING}\n`);
}

/** Tells that clients wait for a copy that is out. */
export function tellSearching(): void {
  process.stdout.write(`${SEARCHING}\n`);
}

/** Tells how the copies are. */
export function tellReport(report: ProxyReport): void {
  process.stdout.write(`${REPORT} ${JSON.stringify(report)}\n`);
}

/** Lets go of the input, which would keep a process alive that has nothing left to do. */
export function stopAwaiting(): void {
  process.stdin.destroy();
}
