/**
 * The control socket: one line of JSON in, one line of JSON out, on a Unix socket that only its owner can open.
 * Carries requests and answers; what they mean is the daemon's and the commands'.
 */
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { nameOfGroup, nameOfUser } from './user.ts';

/** Longest request or time for one, so that nobody can hold us up. */
const LONGEST_REQUEST = 4_096;
const REQUEST_DEADLINE = 5_000;
/** Connections that have not said yet what they want. */
const MAX_ASKING = 16;

/** A request by name, e.g. `{ "command": "status" }`. */
export interface ControlRequest {
  readonly command: string;
}

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  /** `details` are lines for people, e.g. what is wrong with a config file and where. */
  | { readonly ok: false; readonly error: string; readonly details?: readonly string[] };

export interface ControlServer {
  close(): void;
}

/**
 * Listens at `path` with mode 0600, making its directory. Rejects when another process answers there already; what a
 * dead one left behind is replaced.
 */
export async function serveControl(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  await clearTheWay(path);
  const asking = new Set<Socket>();
  const server = createServer((socket) => {
    // Those who say nothing must not keep out those who do: the one that has been silent for longest goes.
    const [oldest] = asking;
    if (oldest !== undefined && asking.size >= MAX_ASKING) {
      asking.delete(oldest);
      oldest.destroy();
    }
    asking.add(socket);
    // Not the socket's own timeout alone, which a byte now and then would put off.
    const deadline = setTimeout(() => socket.destroy(), REQUEST_DEADLINE);
    const settle = (): void => {
      clearTimeout(deadline);
      asking.delete(socket);
    };
    let text = '';
    socket.setEncoding('utf8').setTimeout(REQUEST_DEADLINE, () => socket.destroy());
    socket.on('error', () => socket.destroy()).on('close', settle);
    socket.on('data', (chunk: string) => {
      if (!asking.has(socket)) return; // behind its request: nobody reads it
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 ? text.length > LONGEST_REQUEST : end > LONGEST_REQUEST) return void socket.destroy();
      if (end < 0) return;
      settle();
      socket.setTimeout(0); // from here on it is the command that takes its time
      void reply(text.slice(0, end), answer).then((reply) =>
        socket.setTimeout(REQUEST_DEADLINE).end(`${JSON.stringify(reply)}\n`),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177); // never open to others, not even between bind and chmod
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, 0o600);
      resolve({ close: () => server.close() });
    });
    process.umask(mask);
  });
}

async function reply(
  line: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  try {
    const request: unknown = JSON.parse(line);
    if (!isRequest(request)) return { ok: false, error: 'a request is {"command": NAME}' };
    return await answer({ command: request.command });
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}

function isRequest(value: unknown): value is ControlRequest {
  return (
    typeof value === 'object' && value !== null && 'command' in value && typeof value.command === 'string'
  );
}

async function clearTheWay(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw new Error(`${path} is there already and is no socket`);
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => resolve(true)).on('error', () => resolve(false));
    probe.setTimeout(REQUEST_DEADLINE, () => resolve(true)).on('timeout', () => probe.destroy());
    probe.on('connect', () => probe.destroy());
  });
  if (alive) throw new Error(`another memcache-ha answers at ${path}`);
  rmSync(path);
}

/** Asks the daemon at `path`; rejects when there is none, or when it does not answer in time. */
export function askControl(
  path: string,
  request: ControlRequest,
  timeout: number,
  signal?: AbortSignal,
): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, ...(signal && { signal }) });
    let text = '';
    socket.setEncoding('utf8').setTimeout(timeout, () => {
      socket.destroy();
      reject(new Error(`no answer from ${path} within ${timeout} ms`));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      const forbidden = error.code === 'EACCES' || error.code === 'EPERM';
      if (nobody) reject(new Error(`no memcache-ha is running at ${path} (${error.code})`));
      else reject(forbidden ? new Error(whoMayOpen(path)) : error);
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text) as ControlAnswer);
      } catch {
        reject(new Error(`no whole answer from ${path}`));
      }
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

/** For somebody who may not: who may, and what to do. */
function whoMayOpen(path: string): string {
  const [uid, you] = [process.geteuid!(), nameOfUser(process.geteuid!())];
  let told = 'its directory is closed to this user';
  try {
    const { uid: owner, gid, mode } = statSync(path);
    const group = (mode & 0o060) === 0o060 ? ` and the group ${nameOfGroup(gid)}` : '';
    told = owner === uid ? 'its mode forbids it' : `it is for the user ${nameOfUser(owner)}${group}`;
  } catch {
    // Not even that can be seen.
  }
  return `${you} may not open ${path}: ${told}; use sudo`;
}
