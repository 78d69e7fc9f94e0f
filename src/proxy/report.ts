/** Tells whoever started the proxy how its copies are: on change, at most a few times a second. */
import type { ProxyReport } from '../config/bundled-proxy.ts';
import type { ProxyState } from './types.ts';

const LEAST_PAUSE_MS = 100;

/** Calls `tell` with the report now and whenever it has changed. */
export function startReporting(proxy: ProxyState, tell: (report: ProxyReport) => void): void {
  let told = '';
  let waiting = false;
  const look = (): void => {
    waiting = false;
    const report = reportOf(proxy);
    const text = JSON.stringify(report);
    if (text === told) return;
    told = text;
    tell(report);
  };
  proxy.onReport = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(look, LEAST_PAUSE_MS).unref();
  };
  look();
}

function reportOf(proxy: ProxyState): ProxyReport {
  return {
    copies: proxy.backends.map(({ name, up, whole, generation }) => ({
      name,
      up,
      whole,
      generation: generation?.number ?? 0,
    })),
    refill: proxy.refills.report(),
    refilled: proxy.refills.stored(),
  };
}
