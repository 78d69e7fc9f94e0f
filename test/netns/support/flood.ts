/** A flood of frames from a host of the lab, at a rate that no script reaches; bounded in time. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../../src/lab/host.ts';

export interface Flood {
  readonly perSecond: number;
  /** At most 60. */
  readonly seconds: number;
  /** Whole Ethernet frames in hexadecimal, sent in turn. */
  readonly frames: readonly string[];
}

/** Sends from the host's eth0; resolves at the end with how many frames went out per second. */
export async function flood(host: Host, { perSecond, seconds, frames }: Flood): Promise<number> {
  const program = join(host.directory, 'flood');
  if (!existsSync(program)) {
    execFileSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('./flood.c', import.meta.url))]);
  }
  const { stdout } = await host.exec([program, 'eth0', String(perSecond), String(Math.min(seconds, 60))], {
    input: `${frames.join('\n')}\n`,
    deadline: seconds * 1000 + 10_000,
  });
  const [, sent, took] = /^(\d+) frames in ([\d.]+) s$/m.exec(stdout) ?? [];
  if (sent === undefined) throw new Error(`flood said ${stdout}`);
  return Number(sent) / Number(took);
}
