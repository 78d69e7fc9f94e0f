/** `--watch [SECONDS]`: an option whose value may be left out, which node:util's parseArgs has not. */

export interface Pace {
  /** Between two pictures, in ms; null: one picture only. */
  readonly pace: number | null;
  /** The other words. */
  readonly rest: readonly string[];
  /** What is wrong with it; null: nothing. */
  readonly wrong: string | null;
}

/** Seconds. */
const DEFAULT = '1';
const [SHORTEST, LONGEST] = [0.1, 3600];

/** Takes `--watch`, `-w`, `--watch SECONDS` and `--watch=SECONDS` out of the words. */
export function readPace(argv: readonly string[]): Pace {
  const rest: string[] = [];
  let given: string | null = null;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    const [name, value] = word.split(/=(.*)/s, 2);
    if (name !== '--watch' && name !== '-w') rest.push(word);
    else if (value !== undefined) given = value;
    else if (/^[\d.]/.test(argv[i + 1] ?? '')) given = argv[++i]!;
    else given = DEFAULT;
  }
  if (given === null) return { pace: null, rest, wrong: null };
  const seconds = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
  const good = seconds >= SHORTEST && seconds <= LONGEST;
  const wrong = good ? null : `--watch ${given}: must be a number of seconds from ${SHORTEST} to ${LONGEST}`;
  return { pace: Math.round(seconds * 1000), rest, wrong };
}
