/**
 * `--standby`: a proxy that has started and waits for the word to take clients. Whoever started it writes `accept` to
 * its standard input and is told `accepting` on standard output; the end of the input ends the proxy.
 */

/** Said on standard output once clients are taken. */
const ACCEPTING = 'accepting\n';

/** Resolves to true when clients are to be taken, to false when nobody is left who could say so. */
export function awaitAccept(onOrphaned: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdin.on('data', () => resolve(true));
    process.stdin.on('error', () => {});
    process.stdin.on('close', () => {
      resolve(false);
      onOrphaned();
    });
  });
}

/** Tells that clients are taken. */
export function tellAccepting(): void {
  process.stdout.write(ACCEPTING);
}
