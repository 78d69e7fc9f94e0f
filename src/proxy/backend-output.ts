/**
 * Commands on their way to a backend: copied into a slab one behind the other, so that a tick's commands are one write.
 * A slab is appended to and given up when full: commands that must move to the other copy are still in it. When all of them
 * were answered it is used again: a new one each minute would outlive V8's young generation.
 */
import type { Backend, Call } from './types.ts';

const SLAB_BYTES = 65_536;
/** A slab in which no command waits for its answer begins anew from here on. */
const USED_ENOUGH = SLAB_BYTES / 2;
/** A command longer than this gets memory of its own. */
const LARGE = 16_384;

/** A slab for a new backend. */
export function newSlab(): Buffer {
  return Buffer.allocUnsafeSlow(SLAB_BYTES);
}

/** Sends the command `bytes[from..to)` on the call's backend; the bytes are copied. */
export function submit(call: Call, bytes: Buffer, from: number, to: number): void {
  const { backend } = call;
  const { out } = backend;
  const length = to - from;
  if (length > LARGE) {
    const copy = Buffer.allocUnsafeSlow(length);
    bytes.copy(copy, 0, from, to);
    submitByReference(call, copy);
    return;
  }
  makeRoom(backend, length);
  if (length > 48) bytes.copy(out.slab, out.end, from, to);
  else for (let index = 0; index < length; index++) out.slab[out.end + index] = bytes[from + index]!;
  append(call, length);
}

/** Sends `bytes`, which are not copied: nobody may change them. */
export function submitOwned(call: Call, bytes: Buffer): void {
  if (bytes.length > LARGE) submitByReference(call, bytes);
  else submit(call, bytes, 0, bytes.length);
}

/** Sends a command made of `text` (latin1). */
export function submitText(call: Call, text: string): void {
  const { backend } = call;
  const { out } = backend;
  makeRoom(backend, text.length);
  out.slab.write(text, out.end, 'latin1');
  append(call, text.length);
}

/** Sends a command line and the `value` behind it, which ends with its CRLF and is not copied when it is long. */
export function submitValue(
  call: Call,
  line: string,
  value: Buffer,
  from: number,
  to: number,
  owned: boolean,
): void {
  const { backend } = call;
  const { out } = backend;
  const length = line.length + to - from;
  if (to - from <= LARGE || !owned) {
    if (length > LARGE) {
      const whole = Buffer.allocUnsafeSlow(length);
      whole.write(line, 0, 'latin1');
      value.copy(whole, line.length, from, to);
      submitByReference(call, whole);
      return;
    }
    makeRoom(backend, length);
    out.slab.write(line, out.end, 'latin1');
    value.copy(out.slab, out.end + line.length, from, to);
    append(call, length);
    return;
  }
  submitText(call, line);
  endRun(backend);
  call.value = value.subarray(from, to);
  out.chunks.push(call.value);
  backend.counters.bytesOut += to - from;
}

/** Sends what `call` had sent on the backend of `moved`. */
export function resubmit(call: Call, moved: Call): void {
  submit(moved, call.bytes, call.from, call.to);
  if (call.value === null) return;
  const { backend } = moved;
  endRun(backend);
  moved.value = call.value;
  backend.out.chunks.push(call.value);
}

function submitByReference(call: Call, bytes: Buffer): void {
  const { backend } = call;
  endRun(backend);
  backend.out.chunks.push(bytes);
  call.bytes = bytes;
  call.from = 0;
  call.to = bytes.length;
  enqueue(call, bytes.length);
}

function append(call: Call, length: number): void {
  const { out } = call.backend;
  call.bytes = out.slab;
  call.from = out.end;
  out.end += length;
  call.to = out.end;
  enqueue(call, length);
}

function enqueue(call: Call, length: number): void {
  const { backend } = call;
  if (backend.tail === null) {
    backend.head = call;
    backend.onBusy();
  } else {
    backend.tail.next = call;
  }
  backend.tail = call;
  backend.pending++;
  backend.counters.requests++;
  backend.counters.bytesOut += length;
  if (!backend.out.queued) {
    backend.out.queued = true;
    backend.proxy.dirtyBackends.push(backend);
    backend.proxy.requestTick();
  }
}

function endRun(backend: Backend): void {
  const { out } = backend;
  if (out.end > out.start) out.chunks.push(out.slab.subarray(out.start, out.end));
  out.start = out.end;
}

/** Has the slab take `length` bytes more. */
function makeRoom(backend: Backend, length: number): void {
  const { out } = backend;
  if (backend.pending === 0 && out.end > USED_ENOUGH && out.start === out.end) {
    out.start = 0;
    out.end = 0;
  } else if (out.end + length > out.slab.length) {
    endRun(backend);
    out.slab = newSlab();
    out.start = 0;
    out.end = 0;
  }
}

/** Writes what has gathered, if the connection is there; what was gathered before it is stays until then. */
export function flushBackend(backend: Backend): void {
  const { out, socket } = backend;
  if (!backend.ready || socket === null) {
    out.queued = false;
    return;
  }
  out.queued = false;
  if (out.chunks.length === 0) {
    if (out.end > out.start) socket.write(out.slab.subarray(out.start, out.end));
    out.start = out.end;
    return;
  }
  endRun(backend);
  const { chunks } = out;
  out.chunks = [];
  socket.cork();
  for (const chunk of chunks) socket.write(chunk);
  socket.uncork();
}

/** Forgets what was not written: the connection is gone, and its calls are moved by their owners. */
export function discardOutput(backend: Backend): void {
  const { out } = backend;
  out.start = out.end;
  out.chunks = [];
}
