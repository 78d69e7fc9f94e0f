/**
 * The one ordered connection to a memcached: connects, shakes hands, matches answers to commands first in, first out,
 * notices that it is dead, hung or cut off, and probes until it is back. Who is asked instead is the pair's affair.
 */
import type { Socket } from 'node:net';
import { firstTime, guessedClock } from './backend-clock.ts';
import { discardOutput, newSlab, submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import { casTag } from './cas.ts';
import { hasPartner } from './copies.ts';
import { copyFellSilent } from './cut-off.ts';
import { whyNoCopy } from './fitness.ts';
import { compare, copyOut } from './generations.ts';
import { flushClients } from './output.ts';
import { flushesOf } from './record.ts';
import { frame } from './response.ts';
import type { Backend, ProxyState } from './types.ts';

const READ_BUFFER_BYTES = 262_144;
/** Between two attempts to reach a backend that is out, and between its first answer and its return. */
const PROBE_INTERVAL_MS = 250;
/** How long a connection that was accepted may stay silent while the backend is out: a hung process still accepts. */
const SILENT_PROBE_MS = 1000;
/** So many times as long is waited for the only whole copy while another one is being filled: all that it has is at stake. */
const LAST_WHOLE_PATIENCE = 4;
/** An idle connection is asked for a sign of life this often. */
const HEARTBEAT_MS = 1000;

/** A backend that is not connected yet; `connectBackend` starts it. */
export function createBackend(
  proxy: ProxyState,
  name: string,
  host: string,
  port: number,
  index: number,
): Backend {
  const backend: Backend = {
    name,
    host,
    port,
    index,
    proxy,
    up: true,
    whole: true,
    generation: undefined,
    flushes: 0,
    emptied: 0,
    keptAt: 0,
    ready: false,
    socket: null,
    head: null,
    tail: null,
    pending: 0,
    aliveAt: 0,
    refusedAt: Number.NEGATIVE_INFINITY,
    deadline: null,
    probe: null,
    out: { slab: newSlab(), start: 0, end: 0, chunks: [], queued: false },
    input: { buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES), carry: null, length: 0, scanned: 0 },
    tag: index & 1,
    itemSizeMax: 1024 * 1024,
    version: '',
    clock: guessedClock(),
    roles: [],
    onBusy: () => busy(backend),
    counters: { requests: 0, moved: 0, outs: 0, backs: 0, bytesIn: 0, bytesOut: 0, repairs: 0 },
  };
  return backend;
}

/** Opens the connection and shakes hands; what is submitted meanwhile waits behind the handshake. */
export function connectBackend(backend: Backend): void {
  const { input } = backend;
  input.carry = null;
  input.scanned = 0;
  const startedAt = performance.now();
  const socket = backend.proxy.sockets.dial({
    host: backend.host,
    port: backend.port,
    noDelay: true,
    keepAlive: true,
    onread: {
      buffer: () => input.buffer,
      callback: (length, buffer) => {
        if (backend.socket === socket) receive(backend, length, buffer as Buffer);
        return true;
      },
    },
  });
  backend.socket = socket;
  socket.on('connect', () => {
    if (backend.socket !== socket) return;
    backend.ready = true;
    if (!backend.up) backend.aliveAt = performance.now() + SILENT_PROBE_MS - backend.proxy.options.timeout;
    backend.out.queued = true;
    backend.proxy.dirtyBackends.push(backend);
    backend.proxy.requestTick();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' && backend.socket === socket) backend.refusedAt = performance.now();
    lose(backend, socket, error.code ?? error.message, startedAt);
  });
  socket.on('close', () => lose(backend, socket, 'closed the connection', startedAt));
  socket.on('end', () => lose(backend, socket, 'closed the connection', startedAt));
  shakeHands(backend, startedAt);
}

function shakeHands(backend: Backend, startedAt: number): void {
  const version = internalCall(backend, 'line', (_call, buffer, start, end) => {
    backend.version = buffer.toString('latin1', start, end).replace(/^VERSION |\r\n$/g, '');
  });
  const stats = internalCall(backend, 'stats', (_call, buffer, start, end) => {
    const text = buffer.toString('latin1', start, end);
    const stat = (name: string) => new RegExp(`^STAT ${name} (\\d+)`, 'm').exec(text)?.[1] ?? '0';
    const born = Number(stat('time')) - Number(stat('uptime'));
    firstTime(backend, Number(stat('time')), startedAt);
    backend.tag = casTag(`${stat('pid')} ${born}`, backend.index % 2 === 0);
    backend.flushes = flushesOf(text);
  });
  const { socket } = backend;
  let noopAnswer = '';
  const noop = internalCall(backend, 'line', (_call, buffer, start, end) => {
    noopAnswer = buffer.toString('latin1', start, end);
  });
  const settings = internalCall(backend, 'stats', (_call, buffer, start, end) => {
    const text = buffer.toString('latin1', start, end);
    const limit = /^STAT item_size_max (\d+)/m.exec(text)?.[1];
    if (limit !== undefined) backend.itemSizeMax = Number(limit);
    const unfit = hasPartner(backend) ? whyNoCopy(backend.version, noopAnswer, text) : null;
    // Not while its answers are being read.
    if (unfit !== null) setImmediate(() => lose(backend, socket, unfit, startedAt));
    else if (!backend.up) backend.probe = setTimeout(() => confirm(backend), PROBE_INTERVAL_MS);
  });
  submitText(version, 'version\r\n');
  submitText(noop, 'mn\r\n');
  submitText(stats, 'stats\r\n');
  submitText(settings, 'stats settings\r\n');
}

/**
 * A second answer, one interval after the first, brings a backend back. Until then whatever its process still had to
 * read from the lost connection (it was hung, not dead) is done, and cannot come after a newer write.
 */
function confirm(backend: Backend): void {
  backend.probe = null;
  submitText(
    internalCall(backend, 'line', () => compare(backend.proxy, backend)),
    'mn\r\n',
  );
}

function lose(backend: Backend, socket: Backend['socket'], reason: string, startedAt: number): void {
  if (backend.socket !== socket) return;
  backendOut(backend, reason, startedAt);
}

/**
 * Puts a backend out: its connection is reset, so that nothing of it can still arrive there later, its commands go back
 * to their owners in order, and probing begins.
 */
export function backendOut(backend: Backend, reason: string, attemptedAt: number): void {
  const { socket } = backend;
  backend.socket = null;
  backend.ready = false;
  if (socket !== null) hangUp(socket);
  if (backend.probe !== null) clearTimeout(backend.probe);
  if (backend.deadline !== null) clearTimeout(backend.deadline);
  backend.deadline = null;
  discardOutput(backend);
  if (backend.up) {
    backend.up = false;
    backend.counters.outs++;
    if (!backend.proxy.closing)
      backend.proxy.log(0, `${backend.name} is out: ${reason}, ${backend.pending} requests move`);
    copyOut(backend);
  }
  let call = backend.head;
  backend.head = null;
  backend.tail = null;
  backend.pending = 0;
  while (call !== null) {
    const { next } = call;
    call.next = null;
    backend.counters.moved++;
    call.lost(call);
    call = next;
  }
  backend.proxy.requestTick();
  if (backend.proxy.closing) return;
  const wait = Math.max(50, attemptedAt + PROBE_INTERVAL_MS - performance.now());
  backend.probe = setTimeout(() => {
    backend.probe = null;
    connectBackend(backend);
  }, wait);
}

/** Nothing was sent on a connection that is not open yet, and Node would reset it only once it is, which may take minutes. */
function hangUp(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}

/** Has a backend that is out tried at once. */
export function hurryBack(backend: Backend): void {
  if (backend.up || backend.socket !== null || backend.probe === null) return;
  clearTimeout(backend.probe);
  backend.probe = null;
  connectBackend(backend);
}

/**
 * The same, in the place of an attempt that is under way: the network may have healed since that began. `unopened`: only if it
 * has not even reached the host.
 */
export function tryAnew(backend: Backend, unopened = false): void {
  if (backend.up) return;
  if (backend.socket !== null && (backend.socket.connecting || !unopened))
    backendOut(backend, 'tried anew', performance.now());
  hurryBack(backend);
}

function busy(backend: Backend): void {
  backend.aliveAt = Math.max(backend.aliveAt, performance.now());
  if (backend.deadline === null) armDeadline(backend, backend.proxy.options.timeout);
}

function armDeadline(backend: Backend, wait: number): void {
  backend.deadline = setTimeout(() => {
    backend.deadline = null;
    const left = overdue(backend);
    if (left === null) return;
    if (left > 0) armDeadline(backend, Math.ceil(left));
    // Timers run before sockets are read: after a stall of our own the answers may be there, unread.
    else setImmediate(() => expire(backend));
  }, wait);
}

function overdue(backend: Backend): number | null {
  if (backend.pending === 0) return null;
  return backend.aliveAt + silenceOf(backend) - performance.now();
}

/** How long it may stay silent, in ms. */
function silenceOf(backend: Backend): number {
  const { backends, options } = backend.proxy;
  const others = backends.filter((other) => other !== backend && other.up);
  const isLastWhole = backend.up && backend.whole && others.length > 0 && !others.some(({ whole }) => whole);
  return isLastWhole ? LAST_WHOLE_PATIENCE * options.timeout : options.timeout;
}

function expire(backend: Backend): void {
  const left = overdue(backend);
  if (left === null || backend.deadline !== null) return;
  if (left > 0) armDeadline(backend, Math.ceil(left));
  else {
    copyFellSilent(backend);
    backendOut(backend, `no answer for ${silenceOf(backend)} ms`, backend.aliveAt);
  }
}

/** Asks a quiet connection for a sign of life. Call it now and then. */
export function heartbeat(backend: Backend): void {
  if (!backend.ready || !backend.up || backend.pending > 0) return;
  if (performance.now() - backend.aliveAt < HEARTBEAT_MS) return;
  submitText(
    internalCall(backend, 'line', () => {}),
    'mn\r\n',
  );
}

function receive(backend: Backend, length: number, buffer: Buffer): void {
  const { input } = backend;
  backend.aliveAt = performance.now();
  backend.counters.bytesIn += length;
  let source = buffer;
  let end = length;
  if (input.carry !== null) {
    end = input.length + length;
    if (end > input.carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * input.carry.length));
      input.carry.copy(larger, 0, 0, input.length);
      input.carry = larger;
    }
    buffer.copy(input.carry, input.length, 0, length);
    source = input.carry;
  }
  const used = consume(backend, source, end);
  const pinned = flushClients(backend.proxy);
  // A slow client still needs these bytes: read into others from now on.
  if (pinned && source === input.buffer) input.buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  if (used < end && source === input.carry && used === 0) {
    input.length = end;
  } else if (used < end) {
    input.carry = Buffer.allocUnsafeSlow(Math.max(65_536, end - used));
    source.copy(input.carry, 0, used, end);
    input.length = end - used;
  } else {
    input.carry = null;
  }
}

function consume(backend: Backend, buffer: Buffer, end: number): number {
  const { input } = backend;
  let position = 0;
  while (position < end) {
    const call = backend.head;
    if (call === null) {
      backendOut(backend, 'sent what nobody asked for', performance.now());
      return end;
    }
    const answer = frame(call.shape, buffer, position, position + input.scanned, end);
    if (answer < 0) {
      input.scanned = ~answer - position;
      return position;
    }
    input.scanned = 0;
    backend.head = call.next;
    if (backend.head === null) backend.tail = null;
    call.next = null;
    backend.pending--;
    call.finish(call, buffer, position, answer);
    position = answer;
  }
  return position;
}
