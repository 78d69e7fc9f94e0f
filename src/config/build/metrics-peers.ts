/** Where the other hosts of the pair answer for their status. Checks nothing. */

import { isLinkLocal } from '../../core/ip-address.ts';
import type { Endpoint } from '../config.ts';
import { formatEndpoint, parseEndpoint } from '../endpoint.ts';
import { canonicalAddress } from '../host-address.ts';
import { METRICS_PORT } from '../schema/global-defs.ts';
import type { FileConfig } from '../schema.ts';
import { mustParse } from './values.ts';

/** `global_defs.metrics`, as the schema lets it through. */
interface FileMetrics {
  readonly listen: string;
  readonly peers?: readonly string[] | undefined;
}

/**
 * `peers` as it is given; else every `unicast_peer`, once, at the port where this host itself listens, for the hosts of
 * a pair are set up alike. None when this host listens on a loopback address: then its peers most likely do too. None for
 * a link-local peer: a TCP connection to one wants to be told the interface.
 */
export function metricsPeersOf({ listen, peers }: FileMetrics, file: FileConfig): Endpoint[] {
  if (peers !== undefined) return once(peers.map((text) => endpoint(text)));
  const { host, port } = endpoint(listen);
  if (isLoopback(host)) return [];
  const addresses = Object.values(file.vrrp_instance ?? {}).flatMap(({ unicast_peer }) => unicast_peer ?? []);
  return once(
    addresses
      .map(canonicalAddress)
      .filter((address) => !isLinkLocal(address))
      .map((address) => ({ host: address, port })),
  );
}

function once(endpoints: readonly Endpoint[]): Endpoint[] {
  return [...new Map(endpoints.map((each) => [formatEndpoint(each), each])).values()];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function endpoint(text: string): Endpoint {
  return mustParse(parseEndpoint(text, METRICS_PORT));
}
