/** Reads the classic pcap file format (libpcap's savefile, microseconds or nanoseconds). Pure. */

export interface CapturedFrame {
  /** Seconds since 1970, as the file has it. */
  readonly seconds: number;
  /** The frame from its Ethernet header on. */
  readonly bytes: Buffer;
}

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

/** The frames of a little-endian pcap file; a last record that is still being written is left out. @throws Error when it is no such file */
export function readPcap(file: Buffer): CapturedFrame[] {
  if (file.length < 24) return [];
  const magic = file.readUInt32LE(0);
  if (magic !== MICROSECONDS && magic !== NANOSECONDS) throw new Error('not a little-endian pcap file');
  const fraction = magic === MICROSECONDS ? 1e6 : 1e9;
  const frames: CapturedFrame[] = [];
  let offset = 24;
  while (offset + 16 <= file.length) {
    const length = file.readUInt32LE(offset + 8);
    const end = offset + 16 + length;
    if (end > file.length) break;
    const seconds = file.readUInt32LE(offset) + file.readUInt32LE(offset + 4) / fraction;
    frames.push({ seconds, bytes: file.subarray(offset + 16, end) });
    offset = end;
  }
  return frames;
}
