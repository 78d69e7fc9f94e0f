/** The TCP sockets of another process, as proc(5) tells them: which ports it listens on, which it is connected at. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { OpenPorts } from '../core/join.ts';

const STATE_LISTEN = '0A';
const STATE_ESTABLISHED = '01';

/**
 * Its local TCP ports. Rejects when it has ended, and when we may not look: at another user's process without
 * CAP_SYS_PTRACE (EACCES).
 */
export async function openPorts(pid: number): Promise<OpenPorts> {
  const [inodes, rows] = await Promise.all([socketsOf(pid), readTables(pid)]);
  const own = rows.filter(({ inode }) => inodes.has(inode));
  const portsIn = (wanted: string): number[] => [
    ...new Set(own.filter(({ state }) => state === wanted).map(({ port }) => port)),
  ];
  return { listening: portsIn(STATE_LISTEN), connected: portsIn(STATE_ESTABLISHED) };
}

/**
 * The processes that have one of these sockets open. Processes that we may not look at (another user's, without
 * CAP_SYS_PTRACE) are left out.
 */
export async function processesWith(inodes: ReadonlySet<string>): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const own = await socketsOf(pid).catch(() => new Set<string>()); // it ended, or is not ours
      return [...own].some((inode) => inodes.has(inode));
    }),
  );
  return pids.filter((_, index) => found[index]);
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const targets = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')), // closed meanwhile
  );
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

interface Row {
  readonly state: string;
  readonly port: number;
  readonly inode: string;
}

/** The tables of its network namespace, which need not be ours. */
async function readTables(pid: number): Promise<Row[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'latin1').catch(() => '')),
  );
  return tables.flatMap((table) => table.split('\n').slice(1, -1).map(parseRow));
}

function parseRow(line: string): Row {
  const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/, 10);
  return { state, port: Number.parseInt(local.split(':')[1] ?? '', 16), inode };
}
