/** What the page remembers between two answers: what a host said before it fell silent. */
import type { HostView, PairView } from '../../daemon/pair-view.ts';
import type { DrawnHost, Model } from '../model.ts';

export interface Memory {
  /** What to draw: `view` is the latest answer. */
  recall(view: PairView, span: string, silentFor: number | null): Model;
}

export function createMemory(): Memory {
  const heard = new Map<string, { readonly view: HostView; readonly at: number }>();
  const drawn = (host: HostView, now: number): DrawnHost => {
    const key = host.address ?? '';
    if (host.status !== null) heard.set(key, { view: host, at: now });
    const last = heard.get(key);
    return {
      ...host,
      label: last?.view.status?.router_id ?? host.address ?? 'this host',
      history: host.history ?? last?.view.history ?? null,
      clockAhead: host.status === null ? (last?.view.clockAhead ?? 0) : host.clockAhead,
      heardAt: last?.at ?? null,
    };
  };
  return {
    recall: (view, span, silentFor) => ({
      ...view,
      span,
      silentFor,
      hosts: view.hosts.map((host) => drawn(host, view.now)),
    }),
  };
}
