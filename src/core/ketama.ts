/**
 * ketama as libmemcached does it (MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, php-memcached's OPT_LIBKETAMA_COMPATIBLE) with
 * equal weights, so that a client that used libmemcached's ring finds its keys where they were.
 */
import type { Distribution } from './distribution.ts';
import { md5Words } from './md5.ts';

/** Points on the ring per server, four out of each digest. */
const POINTS_PER_SERVER = 160;

/**
 * Digests per server out of `count`: 40, but libmemcached reckons its share of the ring in single precision and rounds
 * down, which makes it 39 for some counts (25, for one).
 */
function digestsPerServer(count: number): number {
  const share = Math.fround(1 / count);
  const points = Math.fround(Math.fround(Math.fround(share * POINTS_PER_SERVER) / 4) * count);
  return Math.floor(points + 1e-10);
}
/** libmemcached leaves this port out of the name that it hashes. */
const DEFAULT_PORT = 11211;

/** A server as the ring names it. */
export interface RingServer {
  readonly host: string;
  readonly port: number;
}

interface Point {
  readonly value: number;
  readonly server: number;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

function ring(servers: readonly RingServer[]): Point[] {
  const points: Point[] = [];
  const digests = digestsPerServer(servers.length);
  servers.forEach(({ host, port }, server) => {
    for (let index = 0; index < digests; index++) {
      const name = latin1(port === DEFAULT_PORT ? `${host}-${index}` : `${host}:${port}-${index}`);
      for (const value of md5Words(name, 0, name.length)) points.push({ value, server });
    }
  });
  return points.sort((left, right) => left.value - right.value || left.server - right.server);
}

/** The ring of `servers` (at least one): a key belongs to the first point at or after its own hash, around the end. */
export function ketamaDistribution(servers: readonly RingServer[]): Distribution {
  if (servers.length === 1) return () => 0;
  const points = ring(servers);
  const values = Float64Array.from(points, (point) => point.value);
  const owners = Int32Array.from(points, (point) => point.server);
  return (key, start, end) => {
    const hash = md5Words(key, start, end)[0];
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return owners[low === values.length ? 0 : low]!;
  };
}
