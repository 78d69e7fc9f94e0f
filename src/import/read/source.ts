/** Where the text of a keepalived.conf comes from and how a place in it is named. Types and formatting only. */

/** A line of a file, as the operator wrote its name; `line` counts from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

/** One file's text, or why there is none. */
export type SourceText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** The files that an import may look at. Paths are relative to the working directory or absolute. */
export interface Sources {
  read(path: string): SourceText;
  /** The files that match an include's pattern, in the order of their names. */
  glob(pattern: string): readonly string[];
  /** For keepalived's `${_ENV NAME}`. */
  environment(name: string): string | undefined;
}

/** Something in the text that cannot be read as keepalived would. */
export interface SourceProblem {
  readonly at: Position;
  readonly what: string;
  readonly reason: string;
}

/** `keepalived.conf:12` */
export function formatPosition({ file, line }: Position): string {
  return `${file}:${line}`;
}
