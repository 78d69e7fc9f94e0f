/**
 * The proxies of a daemon that was started in the place of one that died as MASTER: the first thing that it does, before its
 * configuration is read, because they take as long to start as all the rest, and clients wait for them. They stand by; one
 * that the configuration has otherwise is ended. What to start is in the predecessor's record.
 */
import { join } from 'node:path';
import type { ProxyConfig } from '../../config/config.ts';
import { same } from '../../config/diff/same.ts';
import { readStateFile } from '../../io/state-file.ts';
import { asRecord, type StandingRecord } from '../record.ts';
import { SELF } from '../self.ts';
import { bundledProgram } from './bundled.ts';
import type { ProxyProgram } from './program.ts';

export interface EarlyProxies {
  /** The program of a proxy that was started with exactly this configuration, once; null: there is none. */
  take(config: ProxyConfig, onLine: (line: string) => void): ProxyProgram | null;
  /** Ends those that nobody took. */
  close(): void;
}

/** Under the name that the record has unless the control socket is elsewhere. */
const RECORD = 'control.state';

/**
 * Starts what the record in systemd's RUNTIME_DIRECTORY tells of; nothing where there is none of this boot, or no MASTER in it.
 * Never throws: what is in the way is found again by the start itself.
 */
export function startEarlyProxies(environment: NodeJS.ProcessEnv): EarlyProxies {
  const directory = environment.RUNTIME_DIRECTORY;
  const record = directory === undefined ? null : asRecord(readStateFile(join(directory, RECORD)));
  const entries: { config: ProxyConfig; program: ProxyProgram; lines: string[]; tell: Tell | null }[] = [];
  for (const config of proxiesOf(record)) {
    const lines: string[] = [];
    const onLine: Tell = (line) => {
      if (entry?.tell == null) lines.push(line);
      else entry.tell(line);
    };
    let entry: (typeof entries)[number] | undefined;
    try {
      entry = { config, program: bundledProgram(config, SELF, onLine, true), lines, tell: null };
      entries.push(entry);
    } catch {
      // The start itself will say so.
    }
  }
  return {
    take(config, tell) {
      const place = entries.findIndex((entry) => same(entry.config, config));
      if (place < 0) return null;
      const [entry] = entries.splice(place, 1);
      entry!.tell = tell;
      entry!.lines.splice(0).forEach(tell);
      return entry!.program;
    },
    close() {
      for (const { program } of entries.splice(0)) program.close();
    },
  };
}

type Tell = (line: string) => void;

/** The bundled proxies of the instances that were MASTER. */
function proxiesOf(record: StandingRecord | null): ProxyConfig[] {
  const masters = record?.instances.filter(({ spoke }) => spoke !== null) ?? [];
  const named = masters.flatMap(({ proxy }) => (proxy?.engine === 'bundled' ? [proxy] : []));
  return named.filter((proxy, place) => named.findIndex(({ name }) => name === proxy.name) === place);
}
