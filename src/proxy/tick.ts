/**
 * One write per tick and socket: whoever has something to send asks for a tick, which comes after all sockets that were
 * readable have been read.
 */
import { flushBackend } from './backend-output.ts';
import { keepRecord } from './generations.ts';
import { flushClients } from './output.ts';
import type { ProxyState } from './types.ts';

/** Makes the function that asks for a flush of what `proxy()` holds by then. */
export function tickRequester(proxy: () => ProxyState): () => void {
  let queued = false;
  const tick = (): void => {
    queued = false;
    flush(proxy());
  };
  return () => {
    if (queued) return;
    queued = true;
    setImmediate(tick);
  };
}

function flush(proxy: ProxyState): void {
  if (proxy.dirtyClients.length > 0) flushClients(proxy);
  const { dirtyBackends } = proxy;
  if (proxy.generations.active) for (const backend of dirtyBackends) keepRecord(backend);
  for (let index = 0; index < dirtyBackends.length; index++) flushBackend(dirtyBackends[index]!);
  dirtyBackends.length = 0;
}
