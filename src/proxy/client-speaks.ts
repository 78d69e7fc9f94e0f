/** What it means for the copies that a client says something: this proxy is one that clients reach. */
import { holdForComparison } from './activate.ts';
import { endsSilence } from './cut-off.ts';
import { heard } from './raise.ts';
import type { ProxyState } from './types.ts';

/** Bound of the wait for a copy that is within reach again, in ms: a kernel that asks for its host anew takes a few. */
const BOUND_MS = 500;

/** Bytes of a client have come; its requests are not looked at yet. */
export function clientSpeaks(proxy: ProxyState): void {
  const { generations } = proxy;
  if (endsSilence(generations, performance.now()) && proxy.backends.some(({ up }) => !up)) {
    holdForComparison(proxy, 'neither clients nor a copy were heard', BOUND_MS);
  }
  // While it looks whether another master was at work, a client that comes says nothing of the time before.
  if (generations.record?.unheard === true && !proxy.held) heard(proxy);
}
