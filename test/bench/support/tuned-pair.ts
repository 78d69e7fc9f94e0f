/** The pair that the benches measure: tuned by somebody who means it, with the bundled proxy warm on both hosts. */
import type { Host } from '../../../src/lab/host.ts';
import { type Changes, type Config, firstTutorial, PROXY } from '../../netns/support/pair.ts';

/** The other host's address. */
export const peerOf = (host: Host): string => (host.name === 'a' ? '10.9.0.102' : '10.9.0.101');

/** Seconds, as in the config. */
export const ADVERT_INT = 0.1;

/** The bundled proxy in front of both copies, ready on both hosts. */
export const warmProxy = (host: Host): Config => ({
  listen: PROXY,
  servers: [`${host.address}:11211`],
  backups: [`${peerOf(host)}:11211`],
  run: 'always',
});

/** VRRP v3, adverts each 100 ms, unicast, priorities 254/253, a probe each 100 ms, `run: always`. */
export function tunedPair(host: Host, { instance, sections }: Changes = {}): Config {
  return firstTutorial(host, {
    instance: {
      version: 3,
      advert_int: ADVERT_INT,
      priority: host.name === 'a' ? 254 : 253,
      authentication: undefined,
      unicast_src_ip: host.address,
      unicast_peer: [peerOf(host)],
      ...instance,
    },
    sections: {
      memcached: { local: { address: `${host.address}:11211`, interval: 0.1, timeout: 0.1, fall: 2 } },
      proxy: { front: warmProxy(host) },
      ...sections,
    },
  });
}
