/** The first tutorial's pair with the bundled proxy, at a pace that lets a test go through many failovers. */
import { readFileSync } from 'node:fs';
import type { Host } from '../../../src/lab/host.ts';
import { type Changes, type Config, fastPair, PROXY } from './pair.ts';

/** As in the tutorial, on both hosts: A's memcached is the server, B's the backup. */
const SERVER = '10.9.0.101:11211';
const BACKUP = '10.9.0.102:11211';

/** VRRP v3 with adverts each 200 ms; `front` are further keys of the proxy. */
export function bundledPair(host: Host, front: Config = {}, { instance, sections }: Changes = {}): Config {
  const proxy = { front: { listen: PROXY, servers: [SERVER], backups: [BACKUP], ...front } };
  return fastPair(host, { instance: instance ?? {}, sections: { proxy, ...sections } });
}

/** The pids of the bundled proxy's processes in a host: the one that serves, and its spare. */
export function proxyProcesses(host: Host): number[] {
  return host.pids().filter((pid) => {
    try {
      return /\bproxy\b/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '));
    } catch {
      return false; // it ended meanwhile
    }
  });
}
