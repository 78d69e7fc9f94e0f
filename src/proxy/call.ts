/** Makes calls, finds the pair of a key, and refuses what no copy can answer. */

import type { Side } from '../core/copies.ts';
import { settle } from './output.ts';
import type { Backend, Call, Op, Pair, ProxyState } from './types.ts';
import { newOp } from './types.ts';

/** What a client hears when no copy of its key is alive. */
export const NO_COPY = Buffer.from('SERVER_ERROR no copy of this key is alive\r\n');

/** The pair that holds the key `key[start..end)`. */
export function pairOfBytes(proxy: ProxyState, key: Uint8Array, start: number, end: number): Pair {
  if (proxy.onlyPair !== null) return proxy.onlyPair;
  return proxy.pairs[proxy.serverOf(key, start, end)]![proxy.backupOf(key, start, end)]!;
}

/** The pair that holds a key given as latin1. */
export function pairOf(proxy: ProxyState, key: string): Pair {
  if (proxy.onlyPair !== null) return proxy.onlyPair;
  const bytes = Buffer.from(key, 'latin1');
  return pairOfBytes(proxy, bytes, 0, bytes.length);
}

/** A call on one side of a pair; it is sent with one of the `submit` functions. */
export function newCall(
  op: Op,
  pair: Pair,
  side: Side,
  shape: Call['shape'],
  finish: Call['finish'],
  lost: Call['lost'],
): Call {
  const backend = pair.backends[side]!;
  return {
    backend,
    op,
    pair,
    side,
    shape,
    finish,
    lost,
    next: null,
    bytes: backend.out.slab,
    from: 0,
    to: 0,
    value: null,
    context: null,
  };
}

/** A call of the proxy's own, for which no client waits; `lost` as in Call. */
export function internalCall(
  backend: Backend,
  shape: Call['shape'],
  finish: Call['finish'],
  lost: () => void = () => {},
): Call {
  return {
    backend,
    op: newOp(null),
    pair: null,
    side: 0,
    shape,
    finish,
    lost,
    next: null,
    bytes: backend.out.slab,
    from: 0,
    to: 0,
    value: null,
    context: null,
  };
}

/** The backend of a side that takes commands now, or null. */
export function liveBackend(pair: Pair, side: Side): Backend | null {
  const backend = pair.backends[side];
  return backend?.up ? backend : null;
}

const COMMON = ['STORED\r\n', 'DELETED\r\n', 'NOT_FOUND\r\n', 'TOUCHED\r\n', 'HD\r\n', 'OK\r\n'].map((line) =>
  Buffer.from(line),
);

/** A copy of a short answer that is kept until the other copy's has come. */
export function keep(buffer: Buffer, start: number, end: number): Buffer {
  for (const line of COMMON) {
    if (line.length === end - start && line[0] === buffer[start] && line[1] === buffer[start + 1])
      return line;
  }
  return Buffer.from(buffer.subarray(start, end));
}

/** The other side of a pair. */
export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** Hands a backend's answer to the client, in the client's protocol. */
export function answer(op: Op, backend: Backend, buffer: Buffer, start: number, end: number): void {
  if (op.render !== null) op.render(op, backend, buffer, start, end);
  else settle(op, buffer, start, end);
}

/** Answers that no copy is alive. */
export function refuse(op: Op, pair: Pair): void {
  pair.backends[0].proxy.counters.noCopy++;
  answer(op, pair.backends[0], NO_COPY, 0, NO_COPY.length);
}
