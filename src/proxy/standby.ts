/**
 * `--standby`: a proxy that has started and waits for the word to take clients. Whoever started it writes `accept` to
 * its standard input and is told `accepting` on standard output; the end of the input ends the proxy.
 */

import { ACCEPT, ACCEPTING } from '../config/bundled-proxy.ts';

/** Resolves to true when clients are to be taken, to false when nobody is left who could say so. */
export function awaitAccept(onOrphaned: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdin.on('data', (text) => {
      if (String(text).trim() === ACCEPT) resolve(true);
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

/** Lets go of the input, which would keep a process alive that has nothing left to do. */
export function stopAwaiting(): void {
  process.stdin.destroy();
}
