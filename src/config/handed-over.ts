/** A checked configuration as text, from one process of this program to another of the same version. */
import type { Config } from './config.ts';

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
  return JSON.stringify(config, (_key, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

/** Throws when the text is not what `encodeConfig` writes. */
export function decodeConfig(text: string): Config {
  const config = JSON.parse(text) as Config;
  // JSON has no bytes, and a password is the only place that has some. (A reviver would be asked for every value there is.)
  const instances = config.instances.map(({ vrrp, ...instance }) => {
    const authPass = vrrp.authPass === null ? null : Uint8Array.from(vrrp.authPass);
    return { ...instance, vrrp: { ...vrrp, authPass } };
  });
  return { ...config, instances };
}
