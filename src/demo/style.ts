/** Colours, or none: for a terminal that wants them. Owns the escape codes; knows nothing of what is shown. */
import type { Witness } from './moment.ts';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** Each witness has a colour of its own. */
  witness(witness: Witness, text: string): string;
}

const COLOUR: Readonly<Record<Witness, number>> = { A: 36, B: 35, client: 33, wire: 34, demo: 1 };

export function createStyle(coloured: boolean): Style {
  const paint = (code: number) => (text: string) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    bold: paint(1),
    dim: paint(2),
    good: paint(32),
    bad: paint(31),
    witness: (witness, text) => paint(COLOUR[witness])(text),
  };
}

/** Colours only on a terminal, and never with NO_COLOR set to something (no-color.org). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
