/** Puts frames of any content on the wire, good ones and broken ones. */
import type { Host } from '../../../src/lab/host.ts';

const SEND = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
for line in sys.stdin:
    s.send(bytes.fromhex(line))
`;

/** Sends Ethernet frames, given in hexadecimal from the destination address on (blanks allowed), from the host's eth0. */
export async function sendFrames(host: Host, frames: readonly string[]): Promise<void> {
  await host.exec(['python3', '-c', SEND], { input: frames.map((frame) => `${frame}\n`).join('') });
}

/** A broadcast frame of an experimental EtherType (IEEE 802, 0x88b5) from this host, told apart by its number. */
export function numberedFrame(host: Host, number: number): string {
  const payload = number.toString(16).padStart(8, '0').padEnd(92, '0');
  return `ffffffffffff ${host.mac.replaceAll(':', '')} 88b5 ${payload}`;
}
