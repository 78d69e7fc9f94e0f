/** Whether somebody listens on a TCP endpoint of this host, asked of the kernel without making a connection. */
import { readFile } from 'node:fs/promises';
import { parseIpv4 } from '../core/ipv4.ts';
import { parseIpv6 } from '../core/ipv6.ts';

const STATE_LISTEN = '0A';
const ANY = '00000000';
const ANY6 = ANY.repeat(4);

/**
 * True when a socket listens on this port at this IP address or at all of them; of a name it is not known which address
 * is meant, so any will do. See proc(5), /proc/net/tcp.
 */
export async function isListening(host: string, port: number): Promise<boolean> {
  return (await listeningInodes(host, port)).length > 0;
}

/** The inodes of those sockets, by which /proc/PID/fd names them. */
export async function listeningInodes(host: string, port: number): Promise<string[]> {
  const [tcp, tcp6] = await Promise.all([readTable('/proc/net/tcp'), readTable('/proc/net/tcp6')]);
  const wantedPort = port.toString(16).toUpperCase().padStart(4, '0');
  const bytes = parseIpv4(host) ?? parseIpv6(host);
  // The kernel prints each four bytes as one little-endian word.
  const wanted = bytes === null ? null : Buffer.from(bytes).swap32().toString('hex').toUpperCase();
  const any = bytes?.length === 16 ? [ANY6] : [ANY, ANY6];
  return [...tcp, ...tcp6].flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/, 10);
    const [address, localPort] = (local ?? '').split(':');
    const isIt =
      state === STATE_LISTEN &&
      localPort === wantedPort &&
      (wanted === null || [wanted, ...any].includes(address!));
    return isIt ? [inode!] : [];
  });
}

async function readTable(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'latin1')).split('\n').slice(1, -1);
  } catch {
    return []; // a kernel without IPv6 has no tcp6
  }
}
