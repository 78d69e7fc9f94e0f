/** A checked configuration as text, from one process of this program to another of the same version. */
import type { Config } from './config.ts';

/** JSON has no bytes: an object with this one key stands for them. */
const BYTES = '$bytes';

/** What a process that has read a config file hands over. */
export interface HandedOver {
  /** Of the program: another one may have other configurations. */
  readonly version: string;
  /** By `encodeConfig`; null when the file does not validate. */
  readonly config: string | null;
  /** Every finding as a line for people, warnings included. */
  readonly problems: readonly string[];
}

export function encodeConfig(config: Config): string {
  return JSON.stringify(config, (_key, value: unknown) =>
    value instanceof Uint8Array ? { [BYTES]: [...value] } : value,
  );
}

/** Throws when the text is not what `encodeConfig` writes. */
export function decodeConfig(text: string): Config {
  return JSON.parse(text, (_key, value: unknown) => {
    const isBytes = typeof value === 'object' && value !== null && BYTES in value;
    return isBytes ? Uint8Array.from(value[BYTES] as number[]) : value;
  }) as Config;
}
