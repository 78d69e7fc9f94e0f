/** What colour means in `status`, or nothing where none is wanted. Owns the escape codes. */

/** Marks text by what it tells. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
  /** The name of a VRRP state, by what it is. */
  state(name: string): string;
}

export function createPaint(coloured: boolean): Paint {
  const code =
    (...codes: readonly number[]) =>
    (text: string): string =>
      coloured && text !== '' ? `\x1b[${codes.join(';')}m${text}\x1b[0m` : text;
  const states: Readonly<Record<string, (text: string) => string>> = {
    MASTER: code(1, 32),
    BACKUP: code(1, 36),
    FAULT: code(1, 31),
  };
  const other = code(1, 33);
  return {
    strong: code(1),
    faint: code(2),
    good: code(32),
    warning: code(33),
    bad: code(31),
    state: (name) => (states[name] ?? other)(name),
  };
}
