/**
 * Reads the config file for a reload: in a process of its own, because a hostile file takes longer to check than there
 * is between two advertisements. What it hands over is what is applied; the file is not read a second time.
 */
import type { Config } from '../config/config.ts';
import { decodeConfig, type HandedOver } from '../config/handed-over.ts';
import { askProgram } from '../io/answer.ts';
import { SELF } from './self.ts';

/** Far more than the slowest file takes on a busy machine, in ms. */
const TIMEOUT = 30_000;
/** The largest file makes a fraction of it, in bytes. */
const LONGEST = 16_000_000;
/** It has time: advertisements, proxy and clients go before it. */
const UNHURRIED = ['nice', '-n', '10'];

export interface ReadConfig {
  /** Null: it does not validate. */
  readonly config: Config | null;
  /** Lines for people, `FILE:LINE:COL: key: what is wrong`; also warnings of a good one. */
  readonly problems: readonly string[];
}

/** Rejects when the other process cannot tell. */
export async function readConfig(file: string, version: string): Promise<ReadConfig> {
  const command = [...UNHURRIED, ...SELF.runtime, ...SELF.program, 'hand-over', '--config', file];
  const answer = await askProgram({ command, timeout: TIMEOUT, longest: LONGEST }).catch((error: Error) => {
    throw new Error(`${file} could not be checked: ${error.message}`);
  });
  const handedOver = JSON.parse(answer) as HandedOver;
  if (handedOver.version !== version) {
    throw new Error(
      `the program is version ${handedOver.version} by now and this is ${version}: needs a restart`,
    );
  }
  const { config, problems } = handedOver;
  return { config: config === null ? null : decodeConfig(config), problems };
}
