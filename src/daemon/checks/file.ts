/** Reads the number in a track_file whenever the file changes. As with keepalived, a file that is not there is a 0. */
import { existsSync, readFileSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
import type { TrackFileConfig } from '../../config/config.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { Report } from './report.ts';

const LOOK_EVERY: Millis = 500;
/** Bytes that are looked at, as keepalived does. */
const LONGEST_NUMBER = 127;

/** Begins at once; returns what ends it. */
export function startFile({ file, initFile }: TrackFileConfig, report: Report): () => void {
  if (initFile !== null && (initFile.overwrite || !existsSync(file))) {
    writeFileSync(file, `${initFile.value}\n`);
  }
  const read = (): void => {
    const value = readNumber(file);
    report(value === 0 ? { ok: true } : { ok: false, final: true, detail: `${file} says ${value}` }, {
      value,
    });
  };
  watchFile(file, { interval: LOOK_EVERY }, read);
  read();
  return () => unwatchFile(file, read);
}

function readNumber(file: string): number {
  try {
    const text = readFileSync(file, 'utf8').slice(0, LONGEST_NUMBER);
    const value = Number.parseInt(text, 10);
    return Number.isNaN(value) ? 0 : value;
  } catch {
    return 0;
  }
}
