/** Tells measured figures beside the assertions, whose bounds are wide because the machine may be busy. */

/** Prints a line such as `measured: client's longest gap 641 ms`. */
export function measured(what: string, milliseconds: number): void {
  process.stdout.write(`measured: ${what} ${milliseconds.toFixed(1)} ms\n`);
}
