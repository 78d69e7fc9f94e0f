/** What was on the wire at one host: tcpdump writes it, tcpdump's filters and tshark's dissectors read it. */
import { join } from 'node:path';
import { until } from './await.ts';
import type { Host } from './host.ts';
import { monotonicNow } from './monotonic.ts';
import { readPcap } from './pcap.ts';
import type { LabProcess } from './process.ts';
import { run, runForBytes } from './run.ts';

export interface CaptureOptions {
  /** A pcap filter: frames that do not match are not captured. */
  readonly filter?: string;
  /** Default eth0. */
  readonly interface?: string;
}

/** A captured frame. */
export interface Frame {
  /** When it passed, in milliseconds on CLOCK_MONOTONIC (right to a millisecond while nobody sets the time of day). */
  readonly t: number;
  /** From the Ethernet header on, in hexadecimal, at most 2048 octets. */
  readonly hex: string;
}

/** One packet's fields by tshark's names; a field that occurs twice has two values. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export interface Capture {
  /** The pcap file; it goes with the lab. */
  readonly file: string;
  /** The frames so far that match a pcap filter, e.g. `arp`, `ip proto 112`; @throws Error when the capture missed some. */
  frames(filter?: string): Promise<Frame[]>;
  /** Resolves with the matching frames when there are at least `count`; @throws Error after `timeout` ms (default 10 000). */
  waitFrames(filter: string, count: number, timeout?: number): Promise<Frame[]>;
  /** tshark's fields (e.g. `vrrp.prio`) of the packets that match a tshark display filter, in order. */
  fields(displayFilter: string, names: readonly string[]): Promise<Fields[]>;
  /** tshark's whole dissection: each packet's layers as `tshark -T json` has them. */
  dissect(displayFilter: string): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>;
  /** What tshark complains of in the matching packets (wrong checksum, malformed, …), each as `frame N: message`. */
  complaints(displayFilter: string): Promise<string[]>;
  /** Ends the capture; what it has stays readable until the lab goes. @throws Error when the capture missed some frames */
  stop(): Promise<void>;
}

/** tshark leaves IPv4's checksum unchecked by default, and a capture is worth little if a wrong one passes. */
const CHECK = ['-o', 'ip.check_checksum:TRUE'];

/** Octets kept of a frame: more than eth0's MTU, less than what segmentation offload hands over in one. */
const SNAPSHOT = 2048;

let captures = 0;

/** Starts tcpdump in the host and resolves when it sees frames. @throws Error when it ends instead, with what it said */
export async function startCapture(host: Host, options: CaptureOptions = {}): Promise<Capture> {
  captures += 1;
  const file = join(host.directory, `capture-${captures}.pcap`);
  const device = options.interface ?? 'eth0';
  const tcpdump = host.spawn([
    // -Z root: it would give up its rights, and with them the parent-death signal, before it opens the file.
    ...['tcpdump', '-i', device, '--immediate-mode', '-U', '-n', '-Z', 'root', '-w', file],
    // The kernel's ring has slots of the snapshot length; with the defaults that is 8 to 32 slots, and a burst overruns them.
    ...['-s', String(SNAPSHOT), '-B', '16384'],
    ...(options.filter === undefined ? [] : [options.filter]),
  ]);
  await until(
    `tcpdump on ${host.name} listens`,
    () => !tcpdump.running() || tcpdump.stderr.lines.some(({ text }) => text.includes('listening on')),
    { every: 5 },
  );
  if (!tcpdump.running()) throw new Error(`tcpdump on ${host.name} ended: ${tcpdump.stderr.text()}`);

  const frames = async (filter = ''): Promise<Frame[]> => {
    if (tcpdump.running()) await assertNothingLost(tcpdump);
    // The last record may be half written, which tcpdump calls an error after it has passed on all before it.
    const words = ['tcpdump', '-r', file, '-U', '-n', '-w', '-', ...(filter === '' ? [] : [filter])];
    const { stdout, stderr, code } = await runForBytes(words, { allowFailure: true });
    if (code !== 0 && !stderr.includes('truncated dump file'))
      throw new Error(`${words.join(' ')}: ${stderr.trim()}`);
    const clocksApart = Date.now() - monotonicNow();
    return readPcap(stdout).map(({ seconds, bytes }) => ({
      t: seconds * 1000 - clocksApart,
      hex: bytes.toString('hex'),
    }));
  };
  const tshark = async (displayFilter: string, words: readonly string[]) =>
    (await run(['tshark', '-r', file, '-n', ...CHECK, '-Y', displayFilter, ...words], { deadline: 30_000 }))
      .stdout;
  const fields = async (displayFilter: string, names: readonly string[]): Promise<Fields[]> => {
    const wanted = names.flatMap((name) => ['-e', name]);
    const text = await tshark(displayFilter, [
      '-T',
      'fields',
      '-E',
      'separator=/t',
      '-E',
      'aggregator=|',
      ...wanted,
    ]);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const cells = line.split('\t');
        return Object.fromEntries(
          names.map((name, index) => [name, (cells[index] ?? '').split('|').filter((value) => value !== '')]),
        );
      });
  };
  return {
    file,
    frames,
    waitFrames: (filter, count, timeout = 10_000) =>
      until(
        `${count} frames match "${filter}" on ${host.name}`,
        async () => {
          const matching = await frames(filter);
          return matching.length >= count && matching;
        },
        { timeout, every: 30 },
      ),
    fields,
    dissect: async (displayFilter) => {
      const packets = JSON.parse(await tshark(displayFilter, ['-T', 'json'])) as Array<{
        _source: { layers: Record<string, unknown> };
      }>;
      return packets.map((packet) => packet._source.layers);
    },
    complaints: async (displayFilter) => {
      const packets = await fields(`(${displayFilter}) && _ws.expert`, [
        'frame.number',
        '_ws.expert.message',
      ]);
      return packets.flatMap((packet) =>
        (packet['_ws.expert.message'] ?? []).map(
          (message) => `frame ${packet['frame.number']?.[0]}: ${message}`,
        ),
      );
    },
    stop: async () => {
      try {
        if (tcpdump.running()) await assertNothingLost(tcpdump);
      } finally {
        tcpdump.kill('SIGINT');
        await tcpdump.stop();
      }
    },
  };
}

/** Asks tcpdump (SIGUSR1) for its counters. @throws Error when the kernel dropped frames that it should have had */
async function assertNothingLost(tcpdump: LabProcess): Promise<void> {
  const counters = () =>
    tcpdump.stderr.lines.flatMap(({ text }) => /(\d+) packets? dropped by kernel/.exec(text)?.[1] ?? []);
  const before = counters().length;
  tcpdump.kill('SIGUSR1');
  const lost = await until('tcpdump tells its counters', () => counters()[before], {
    timeout: 5000,
    every: 2,
  });
  if (lost !== '0') throw new Error(`the capture is incomplete: ${lost} frames were dropped by the kernel`);
}
