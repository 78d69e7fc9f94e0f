/**
 * net.Socket as far as the proxy uses it, on the simulated network. What is read lies in a buffer that is spoilt after the
 * call, and what was written but did not fit into the kernel is kept by reference, both as Node does it; a method that is
 * not here fails loudly.
 */
import { EventEmitter } from 'node:events';
import type { Place } from './links.ts';
import type { Endpoint, Network } from './network.ts';
import type { VirtualProcess } from './virtual-process.ts';

const HIGH_WATER_MARK = 16_384;
const SPOILT = 0xee;

/** Where a socket reads to, and who is told. */
export interface ReadInto {
  readonly buffer: () => Buffer;
  readonly callback: (length: number, buffer: Buffer) => boolean;
}

/** Without a stack, which costs more than all the rest. */
function systemError(code: string): NodeJS.ErrnoException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(code), { code });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

export class NodeSocket extends EventEmitter {
  destroyed = false;
  connecting = false;
  readonly #process: VirtualProcess;
  readonly #allowHalfOpen: boolean;
  #readInto: ReadInto | null = null;
  #endpoint: Endpoint | null = null;
  #paused: boolean;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #corked = 0;
  #needsDrain = false;
  #ending = false;
  #endSeen = false;
  #cancelDial: () => void = () => {};
  #queued = false;
  /** Read from the kernel, but the socket was paused before it was delivered. */
  #undelivered: Buffer | null = null;

  constructor(process: VirtualProcess, options: { paused: boolean; allowHalfOpen: boolean }) {
    super();
    this.#process = process;
    this.#paused = options.paused;
    this.#allowHalfOpen = options.allowHalfOpen;
  }

  get writableLength(): number {
    return this.#keptBytes;
  }

  readInto(into: ReadInto): void {
    this.#readInto = into;
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    endpoint.notify = () => this.#poll();
    if (!this.#paused) this.#poll();
  }

  dial(network: Network, from: Place, to: Place, port: string): void {
    this.connecting = true;
    const attempt = network.dial(
      from,
      to,
      port,
      (endpoint) => {
        if (!this.#process.alive) {
          endpoint.close();
          return;
        }
        this.#endpoint = endpoint;
        this.#process.poll(() => {
          if (this.destroyed) return;
          this.connecting = false;
          this.emit('connect');
          this.#flush();
          this.attach(endpoint);
        });
      },
      () => this.#process.poll(() => this.#fail('ECONNREFUSED')),
    );
    this.#cancelDial = attempt.cancel;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  resume(): this {
    this.#paused = false;
    this.#poll();
    return this;
  }

  cork(): void {
    this.#corked++;
  }

  uncork(): void {
    if (this.#corked > 0 && --this.#corked === 0) this.#flush();
  }

  write(data: Buffer | string, encoding?: BufferEncoding): boolean {
    if (this.#ending || this.destroyed) {
      if (!this.destroyed) this.#process.poll(() => this.#fail('ERR_STREAM_WRITE_AFTER_END'));
      return false;
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    this.#flush();
    if (this.#keptBytes < HIGH_WATER_MARK) return true;
    this.#needsDrain = true;
    return false;
  }

  end(data?: Buffer | string): this {
    if (data !== undefined) this.write(data);
    this.#ending = true;
    this.#flush();
    return this;
  }

  destroy(error?: Error): this {
    this.#letGo((endpoint) => endpoint.close(), error);
    return this;
  }

  resetAndDestroy(): this {
    if (this.connecting && !this.destroyed) this.once('connect', () => this.resetAndDestroy());
    else this.#letGo((endpoint) => endpoint.reset());
    return this;
  }

  /** The process is gone: the kernel closes what it had open, unless the whole machine went (`silently`). */
  abandon(silently: boolean): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#cancelDial();
    if (silently) this.#endpoint?.vanish();
    else this.#endpoint?.close();
  }

  #letGo(how: (endpoint: Endpoint) => void, error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.connecting = false;
    this.#cancelDial();
    if (this.#endpoint !== null) {
      this.#endpoint.notify = () => {};
      how(this.#endpoint);
    }
    this.#kept = [];
    this.#keptBytes = 0;
    process.nextTick(() => {
      if (error !== undefined) this.emit('error', error);
      this.emit('close', error !== undefined);
    });
  }

  #fail(code: string): void {
    this.destroy(systemError(code));
  }

  #flush(): void {
    const endpoint = this.#endpoint;
    if (this.connecting || this.#corked > 0 || endpoint === null || this.destroyed) return;
    const had = this.#keptBytes;
    while (this.#keptBytes > 0) {
      if (endpoint.wasReset) {
        this.#process.poll(() => this.#fail('EPIPE'));
        return;
      }
      const { room } = endpoint;
      if (room === 0) return;
      const first = this.#kept[0]!;
      const fits = Math.min(room, first.length);
      endpoint.send(Buffer.from(first.subarray(0, fits)));
      if (fits === first.length) this.#kept.shift();
      else this.#kept[0] = first.subarray(fits);
      this.#keptBytes -= fits;
    }
    if (this.#needsDrain && had > 0) {
      this.#needsDrain = false;
      process.nextTick(() => {
        if (!this.destroyed) this.emit('drain');
      });
    }
    if (this.#ending) {
      endpoint.finish();
      this.#closeWhenBothEnded();
    }
  }

  #poll(): void {
    if (this.#queued || this.destroyed || !this.#process.alive) return;
    this.#queued = true;
    this.#process.poll(() => {
      this.#queued = false;
      if (this.destroyed) return;
      this.#flush();
      this.#read();
    });
  }

  #read(): void {
    const endpoint = this.#endpoint;
    if (endpoint === null || this.#paused || this.destroyed) return;
    if (endpoint.hasUnread || this.#undelivered !== null) {
      const pieces = endpoint.take();
      if (this.#undelivered !== null) pieces.unshift(this.#undelivered);
      this.#undelivered = null;
      this.#deliver(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
      if (this.destroyed || this.#undelivered !== null) return;
    }
    if (endpoint.wasReset) this.#fail('ECONNRESET');
    else if (endpoint.ended && !this.#endSeen) {
      this.#endSeen = true;
      this.emit('end');
      if (!this.#allowHalfOpen && !this.destroyed) this.end();
      this.#closeWhenBothEnded();
    }
  }

  #deliver(bytes: Buffer): void {
    if (this.#readInto === null) {
      this.emit('data', bytes);
      return;
    }
    for (let from = 0; from < bytes.length && !this.destroyed; ) {
      if (this.#paused) {
        this.#undelivered = bytes.subarray(from);
        return;
      }
      const buffer = this.#readInto.buffer();
      const length = Math.min(buffer.length, bytes.length - from);
      bytes.copy(buffer, 0, from, from + length);
      from += length;
      this.#readInto.callback(length, buffer);
      // What the reader gave up its buffer for stays as it is.
      if (this.#readInto.buffer() === buffer) buffer.fill(SPOILT, 0, length);
    }
  }

  #closeWhenBothEnded(): void {
    if (this.#endSeen && this.#ending && this.#keptBytes === 0) this.destroy();
  }
}
