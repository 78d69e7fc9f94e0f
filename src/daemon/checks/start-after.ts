/** Begins a check later; for one of something that is just being started, whose silence would be no failure. */

/** `start` begins the check and returns what ends it, as this does. */
export function startAfter(ready: Promise<void>, start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  let stopped = false;
  void ready.then(() => {
    if (!stopped) stop = start();
  });
  return () => {
    stopped = true;
    stop?.();
  };
}
