/** An invariant that did not hold, by the name of its checker. */
export class Violation extends Error {
  readonly checker: string;

  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`);
    this.checker = checker;
  }
}
