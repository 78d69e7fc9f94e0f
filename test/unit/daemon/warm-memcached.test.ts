/** The comparison of a memcached with its peer as results come in, and the two probes against real sockets. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { MemcachedConfig } from '../../../src/config/config.ts';
import { encodeGeneration, GENERATION_KEY } from '../../../src/core/generation.ts';
import type { CheckResult } from '../../../src/core/track.ts';
import {
  type ComparisonChange,
  createCopies,
  startWarmMemcached,
} from '../../../src/daemon/checks/warm-memcached.ts';
import { until } from '../../../src/lab/await.ts';

const at = (number: number) => ({ number, tag: '0123456789abcdef', filling: false });
const LIMITS = { fall: 2, rise: 2 };
const GOOD: CheckResult = { ok: true };
const LATE: CheckResult = { ok: false, final: false, detail: 'no answer within 500 ms' };
const REFUSED: CheckResult = { ok: false, final: true, detail: 'connection refused' };

describe('the peer', () => {
  /** A copy of generation 3 beside a peer of generation 4, both just asked. */
  function behind() {
    const copies = createCopies(LIMITS);
    copies.peerSeen(GOOD, { record: at(4) }, 1);
    copies.localSeen('up', { record: at(3), askedAt: 2 });
    expect(copies.comparison.warmth).toMatchObject({ state: 'cold', behind: true });
    return copies;
  }

  test('is gone at once when it refuses', () => {
    const copies = behind();
    copies.peerSeen(REFUSED, undefined, 3);
    expect(copies.comparison).toMatchObject({
      warmth: { state: 'whole', behind: false },
      peer: { status: 'down', detail: 'connection refused' },
    });
  });

  test('is gone after `fall` answers that did not come, and alive after `rise` that did', () => {
    const copies = behind();
    const states = [LATE, LATE, GOOD, LATE, GOOD, GOOD].map((result, i) => {
      copies.peerSeen(result, result.ok ? { record: at(4) } : undefined, 3 + i);
      copies.localSeen('up', { record: at(3), askedAt: 3.5 + i });
      return copies.comparison.warmth.state;
    });
    // One that flaps is not believed in, so it moves nothing.
    expect(states).toEqual(['cold', 'whole', 'whole', 'whole', 'whole', 'cold']);
  });

  test('that comes back with what it had is believed only when the local copy was asked again', () => {
    const copies = behind();
    copies.peerSeen(REFUSED, undefined, 3);
    copies.peerSeen(GOOD, { record: at(4) }, 4);
    copies.peerSeen(GOOD, { record: at(4) }, 5);
    expect(copies).toMatchObject({ doubtful: true, comparison: { warmth: { behind: false } } });
    copies.localSeen('up', { record: at(3), askedAt: 6 });
    expect(copies).toMatchObject({ doubtful: false, comparison: { warmth: { behind: true } } });
  });
});

describe('the local memcached', () => {
  test('is not compared before both have been asked', () => {
    const copies = createCopies(LIMITS);
    expect(copies.comparison.warmth.state).toBe('unknown');
    copies.localSeen('up', { record: null, askedAt: 1 });
    expect(copies.comparison.warmth.state).toBe('unknown');
    copies.peerSeen(LATE, undefined, 2);
    expect(copies.comparison.warmth.state).toBe('whole');
  });

  test('that comes up again without its record is cold in the very result that makes it up', () => {
    const copies = createCopies(LIMITS);
    copies.localSeen('up', { record: at(3), askedAt: 1 });
    copies.peerSeen(GOOD, { record: at(3) }, 2);
    expect(copies.comparison.warmth.state).toBe('whole');
    copies.localSeen('down', undefined);
    expect(copies.comparison.warmth).toMatchObject({ state: 'unknown', local: undefined });
    copies.localSeen('down', { record: null, askedAt: 3 }); // good, but `rise` is 2
    expect(copies.comparison.warmth.state).toBe('unknown');
    copies.localSeen('up', { record: null, askedAt: 4 });
    expect(copies.comparison.warmth).toMatchObject({ state: 'cold', behind: true });
  });

  test('that misses one answer has what it had', () => {
    const copies = createCopies(LIMITS);
    copies.peerSeen(GOOD, { record: at(3) }, 1);
    copies.localSeen('up', { record: at(3), askedAt: 2 });
    copies.localSeen('up', undefined);
    expect(copies.comparison.warmth.state).toBe('whole');
  });
});

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A memcached on loopback that answers with what `record` says at that moment; counts what it is asked. */
async function serve(record: () => string | null) {
  const asked: string[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    stops.push(() => socket.destroy());
    socket.on('data', (data) => {
      const request = data.toString();
      asked.push(request);
      const stored = record();
      const value = stored === null ? '' : `VALUE ${GENERATION_KEY} 0 ${stored.length}\r\n${stored}\r\n`;
      if (request.includes('stats')) socket.write('STAT version 1.6.18\r\nEND\r\n');
      socket.write(`${value}END\r\n`);
    });
  });
  stops.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

describe('both probes', () => {
  /** Starts them with an interval that no test waits for. */
  async function start(local: () => string | null, peer: () => string | null) {
    const [own, other] = [await serve(local), await serve(peer)];
    const config: MemcachedConfig = {
      ...LIMITS,
      name: 'local',
      address: own.endpoint,
      peer: other.endpoint,
      command: null,
      interval: 60_000,
      timeout: 2000,
    };
    const copies = createCopies(config);
    const changes: ComparisonChange[] = [];
    const report = (_: CheckResult, { copy }: { copy?: Parameters<typeof copies.localSeen>[1] } = {}) =>
      void changes.push(copies.localSeen('up', copy));
    stops.push(startWarmMemcached(config, copies, report, (change) => changes.push(change)));
    return { copies, own, other, changes };
  }

  test('the record comes with the first answer to stats', async () => {
    const { copies, own, other } = await start(
      () => encodeGeneration(at(3)),
      () => encodeGeneration(at(3)),
    );
    await until('both were compared', () => copies.comparison.warmth.state === 'whole');
    expect(copies.comparison.warmth).toMatchObject({ local: at(3), peer: at(3) });
    expect(own.asked[0]).toBe(`stats\r\nget ${GENERATION_KEY}\r\n`);
    expect(other.asked).toEqual([`get ${GENERATION_KEY}\r\n`]);
  });

  test('one that looks behind is asked again at once, and once', async () => {
    const { copies, own } = await start(
      () => null,
      () => encodeGeneration(at(3)),
    );
    await until('it is certain', () => copies.comparison.warmth.state === 'cold' && !copies.doubtful);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(own.asked.length).toBeLessThanOrEqual(2);
  });

  test('whatever else is stored under the key counts as no record, however long', async () => {
    const { copies, own } = await start(
      () => 'x'.repeat(1_000_000),
      () => encodeGeneration(at(3)),
    );
    await until('it is certain', () => copies.comparison.warmth.state === 'cold' && !copies.doubtful);
    expect(copies.comparison.warmth.local).toBeNull();
    expect(own.asked.length).toBeLessThanOrEqual(2);
  });
});
