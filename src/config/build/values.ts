/** Conversions that every part of the config needs. Input is checked; a failure here is a broken invariant. */
import type { Millis } from '../../core/vrrp/parameters.ts';
import { splitCommand } from '../command-words.ts';
import type { Command } from '../config.ts';
import type { Parsed } from '../describe.ts';
import type { Path } from '../place.ts';
import type { FileConfig } from '../schema.ts';
import type { YamlTree } from '../yaml-tree.ts';

/** One entry of a section whose entries have names. */
export type Named<T extends keyof FileConfig> = NonNullable<
  NonNullable<FileConfig[T]>[string & keyof NonNullable<FileConfig[T]>]
>;

/** Seconds to the nearest whole millisecond. */
export function ms(seconds: number): Millis {
  return Math.round(seconds * 1000);
}

/** The value of a string that the schema has let through. Throws when it has not. */
export function mustParse<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(`the schema let through what ${parsed.reason}`);
  return parsed.value;
}

/** A command of either spelling; words are taken as they are written, so that `0111` stays `0111`. */
export function command(
  value: string | readonly (string | number | boolean)[],
  path: Path,
  tree: YamlTree,
): Command {
  if (typeof value === 'string') return mustParse(splitCommand(value));
  return value.map((word, index) => tree.text([...path, index]) ?? String(word));
}
