/**
 * The proxies of a daemon that was started in the place of one that died as MASTER: the first thing that it does, before its
 * configuration is read, because they take as long to start as all the rest, and clients wait for them. While the addresses
 * that the predecessor has put on are certain to be here they take clients, otherwise they stand by; one that the
 * configuration has otherwise, or that no election asks for, is ended. What to start is in the predecessor's record.
 */
import { join } from 'node:path';
import type { ProxyConfig } from '../../config/config.ts';
import { same } from '../../config/diff/same.ts';
import { sinceBoot } from '../../io/boot.ts';
import { readStateFile } from '../../io/state-file.ts';
import { asRecord, type InstanceRecord, type StandingRecord } from '../record.ts';
import { SELF } from '../self.ts';
import { bundledProgram } from './bundled.ts';
import { launchEarly } from './launched-early.ts';
import type { ProxyProgram } from './program.ts';

export interface EarlyProxies {
  /** The program of a proxy that was started with exactly this configuration, once; null: there is none. */
  take(config: ProxyConfig, onLine: (line: string) => void): ProxyProgram | null;
  /** Ends those that nobody took, and those that take clients though no election has asked for them. */
  close(): void;
}

/** Under the name that the record has unless the control socket is elsewhere. */
const RECORD = 'control.state';
/** So many advertisement intervals after the last one the peers still wait, and the addresses' lease runs. */
const SOON = 2;

/**
 * Starts what the record in systemd's RUNTIME_DIRECTORY tells of; nothing where there is none of this boot, or no MASTER in it.
 * Never throws: what is in the way is found again by the start itself.
 */
export function startEarlyProxies(environment: NodeJS.ProcessEnv): EarlyProxies {
  const directory = environment.RUNTIME_DIRECTORY;
  const record = directory === undefined ? null : asRecord(readStateFile(join(directory, RECORD)));
  const started: EarlyProxy[] = [];
  for (const wanted of proxiesOf(record)) {
    try {
      started.push(startEarly(wanted));
    } catch {
      // The start itself will say so.
    }
  }
  const taken = new Set<EarlyProxy>();
  return {
    take(config, onLine) {
      const proxy = started.find((each) => !taken.has(each) && same(each.config, config));
      if (proxy === undefined) return null;
      taken.add(proxy);
      proxy.tellTo(onLine);
      return proxy.program;
    },
    close() {
      for (const proxy of started.splice(0)) {
        if (taken.has(proxy)) proxy.dismiss();
        else proxy.program.close();
      }
    },
  };
}

type Tell = (line: string) => void;

/** What is to be started; `serves`: its host has been MASTER until now. */
interface Wanted {
  readonly config: ProxyConfig;
  readonly serves: boolean;
}

interface EarlyProxy {
  readonly config: ProxyConfig;
  readonly program: ProxyProgram;
  /** Who hears what it says, and what it has said already. */
  readonly tellTo: (onLine: Tell) => void;
  /** Stops it where it takes clients and nobody has launched it since. */
  readonly dismiss: () => void;
}

function startEarly({ config, serves }: Wanted): EarlyProxy {
  const lines: string[] = [];
  let tell: Tell = (line) => void lines.push(line);
  const onLine: Tell = (line) => tell(line);
  const standby = bundledProgram(config, SELF, onLine, true);
  const { program, dismiss } = serves
    ? launchEarly(standby, onLine)
    : { program: standby, dismiss: () => {} };
  return {
    config,
    program,
    tellTo(next) {
      tell = next;
      lines.splice(0).forEach(next);
    },
    dismiss,
  };
}

/** The bundled proxies of the instances that were MASTER. */
function proxiesOf(record: StandingRecord | null): Wanted[] {
  const now = sinceBoot();
  const isRecent = ({ spoke, advertisementInterval }: InstanceRecord): boolean =>
    spoke !== null && now - spoke.at < SOON * advertisementInterval;
  const masters = record?.instances.filter(({ spoke }) => spoke !== null) ?? [];
  const bundled = masters.filter(({ proxy }) => proxy?.engine === 'bundled');
  const names = new Set(bundled.map(({ proxy }) => proxy!.name));
  return [...names].map((name) => {
    const users = bundled.filter(({ proxy }) => proxy!.name === name);
    return { config: users[0]!.proxy!, serves: users.some(isRecent) };
  });
}
