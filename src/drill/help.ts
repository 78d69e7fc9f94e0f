/** What `memcache-ha drill --help` says. Pure words. */
import type { FaultName } from './faults.ts';

const FAULT_WORDS: Readonly<Record<FaultName, string>> = {
  'kill-memcached': 'SIGKILL to the memcached that the instance tracks',
  'hang-memcached': 'SIGSTOP to it: it takes connections and says nothing',
  'kill-proxy': 'SIGKILL to the proxy, on the host where it serves',
  'stop-agent': 'a stop of the daemon, as for maintenance',
  'hang-agent': 'SIGSTOP to the daemon',
  'cut-link': "the instance's interface is taken down",
};

const OPTION_WORDS: readonly (readonly [option: string, words: string])[] = [
  ['--yes', 'do not ask first'],
  ['--report FILE', 'write what happened to FILE.json, FILE.html or FILE.svg'],
  ['--max-outage SECONDS', 'fail when clients were without an answer for longer'],
  [
    '--timeout SECONDS',
    'for the effect of the fault, and for all hosts being well again (60); a refill counts',
  ],
  ['--instance NAME', 'which one, on a host that has several'],
  ['--peer HOST:PORT', "where the other host's metrics listen; again for further hosts"],
  ['--blind', 'go on without seeing the other hosts'],
  ['--restart COMMAND', 'starts what was ended, where no systemd service and no daemon does'],
  ['--target ADDRESS:PORT', 'where clients ask, if not the proxy or memcached at the virtual address'],
  ['--control PATH', "the daemon's control socket"],
];

export function helpText(): string {
  const table = (rows: readonly (readonly [string, string])[]) => {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`).join('\n');
  };
  return `memcache-ha drill FAULT [OPTION...]

Makes a real fault on this host of a live pair, measures through the virtual address what clients feel, undoes the fault
and waits until all hosts are well. On the MASTER it is a failover, on the BACKUP clients must not feel it.

${table(Object.entries(FAULT_WORDS))}

${table(OPTION_WORDS)}

Exit codes: 0 good, 1 failed or refused, 2 bad usage, 128 + N when signal N ended it and everything was undone.
`;
}
