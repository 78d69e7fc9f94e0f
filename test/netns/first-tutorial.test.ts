/**
 * The first tutorial's pair, step by step and on the wire: `import`'s config of it with magent kept. It elects, it
 * survives a killed memcached, it comes back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { type Capture, startCapture } from '../../src/lab/capture.ts';
import type { LabClient } from '../../src/lab/client.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import { createPair, firstTutorial, type Pair, PROXY, PROXY_PORT, VIP } from './support/pair.ts';

/** Skew_Time of priority 99 in version 2: (256 - 99) / 256 s (RFC 3768 §6.1). */
const SKEW = 613;

/** The gratuitous ARP for the virtual address 10.9.0.250 from this MAC address, whole. */
function gratuitousArp(mac: string): string {
  const sender = mac.replaceAll(':', '');
  return `ffffffffffff${sender}0806 0001 0800 06 04 0001 ${sender} 0a0900fa ffffffffffff 0a0900fa`.replaceAll(
    ' ',
    '',
  );
}

describe('the pair, step by step', () => {
  let pair: Pair;
  let capture: Capture;
  let client: LabClient;
  beforeAll(async () => {
    pair = await createPair({ config: firstTutorial });
    capture = await startCapture(pair.lab.client, { filter: 'arp or ip proto 112' });
  });
  afterAll(() => pair.destroy());

  test('A is MASTER within 4 s of starting both; the VIP and the proxy are on A alone', async () => {
    const { a, b } = pair;
    const begun = monotonicNow();
    await Promise.all([a.startDaemon(), b.startDaemon()]);
    const running = monotonicNow();
    await a.daemon.waitState('MASTER');
    const elected = monotonicNow();
    measured('from starting both to A answering', running - begun);
    measured('from starting both to A MASTER', elected - begun);
    // Master_Down_Interval of priority 100 is 3609 ms.
    expect(elected - begun).toBeGreaterThan(3000);
    expect(elected - running).toBeLessThan(5000);
    await a.proxyPid();
    // B's own Master_Down_Interval is 4 ms longer: when it started first it may have been MASTER for a moment.
    await b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
    expect(await a.host.listens(PROXY_PORT, VIP)).toBe(true);
    expect((await a.host.listeners()).filter(({ port }) => port === PROXY_PORT)).toHaveLength(1);
    expect(await b.host.listens(PROXY_PORT)).toBe(false);
    // With the flags that check.sh gave it.
    const flags = readFileSync(join(a.host.directory, 'keepalived/flags'), 'utf8').trim();
    expect(flags).toBe(
      `-D -u root -n 51200 -l ${VIP} -p ${PROXY_PORT} -s ${a.host.address}:11211 -b ${b.host.address}:11211`,
    );
  });

  test('A told it by one advert and then five gratuitous ARPs, byte for byte', async () => {
    const { a } = pair;
    const arps = await capture.waitFrames(`arp and ether src ${a.host.mac} and arp src host ${VIP}`, 5);
    const adverts = await capture.frames(`ip proto 112 and ip src ${a.host.address}`);
    expect(arps.slice(0, 5).map(({ hex }) => hex)).toEqual(Array(5).fill(gratuitousArp(a.host.mac)));
    // IP ID and IP checksum (here dots) are the sender's own; tshark checks the latter below.
    expect(adverts[0]?.hex).toMatch(
      /^01005e00001202000a090065080045c00028....0000ff70....0a090065e00000122133640101010c650a0900fa3131313100000000$/,
    );
    expect(adverts[0]!.t).toBeLessThan(arps[0]!.t);
    expect(arps[4]!.t - adverts[0]!.t).toBeLessThan(100);
    measured('from the first advert to the fifth gratuitous ARP', arps[4]!.t - adverts[0]!.t);
    expect(await capture.complaints('vrrp')).toEqual([]);
  });

  test('kill -9 of memcached on A is seen at once, and B has it all within Skew_Time', async () => {
    const { a, b } = pair;
    client = await pair.client(PROXY);
    await sleep(300);
    const killed = monotonicNow();
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    await client.waitAnswer(killed + 100);
    await pair.waitHolder('b');
    await until('the proxy left A', async () => !(await a.host.listens(PROXY_PORT)));
    expect(await b.host.listens(PROXY_PORT, VIP)).toBe(true);

    const resignation = (await capture.frames(`ip proto 112 and ip src ${a.host.address} and ip[22] = 0`))[0];
    const down = await a.daemon.waitLog(/^memcached local is down/);
    const gap = await client.longestGap(killed);
    measured('from the kill to the advert with priority 0', resignation!.t - killed);
    measured('from the kill to the log line', down.t - killed);
    measured(`the client's longest gap, memcached killed (Skew_Time ${SKEW})`, gap);
    expect(resignation!.t - killed).toBeLessThan(250);
    expect(gap).toBeLessThan(1000);
    expect((await a.daemon.instance()).faults).toEqual([
      { kind: 'memcached', name: 'local', detail: 'connection refused' },
    ]);
    expect((await b.daemon.instance()).transitions[0]).toMatchObject({
      from: 'BACKUP',
      to: 'MASTER',
      reason: 'master_resigned',
    });
  });

  test('memcached comes back, and A preempts with hardly a gap', async () => {
    const { a, b } = pair;
    const back = monotonicNow();
    await a.startMemcached();
    await a.daemon.waitState('MASTER');
    const elected = monotonicNow();
    await b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
    await client.waitAnswer(elected + 300);
    const gap = await client.longestGap(back);
    measured("the client's longest gap, A preempts", gap);
    expect(gap).toBeLessThan(500);
    expect((await a.daemon.instance()).transitions[0]).toMatchObject({ to: 'MASTER', reason: 'preempt' });
    expect((await b.daemon.instance()).transitions[0]).toMatchObject({
      to: 'BACKUP',
      reason: 'higher_priority_master',
    });
    expect(await b.host.listens(PROXY_PORT)).toBe(false);
    expect(await capture.complaints('vrrp')).toEqual([]);
    await client.stop();
  });
});
