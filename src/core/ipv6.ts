/** IPv6 addresses as text (RFC 4291 §2.2 in, RFC 5952 §4 out) and as bytes. Pure; knows nothing of zones or interfaces. */
import { parseIpv4 } from './ipv4.ts';
import type { Ipv6 } from './vrrp/parameters.ts';

const GROUPS = 8;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** The sixteen bytes of an address, or null when the text is none. A zone (`%eth0`) is no part of an address. */
export function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1));
  if (head == null || tail === null) return null;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  // RFC 4291 §2.2: `::` stands for one or more groups of zeros; without it all eight are there.
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<number>(missing).fill(0), ...(tail ?? [])];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The 16-bit groups of one side of `::`. Only the address's end may be written as four decimal octets. */
function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const dotted = last && i === parts.length - 1 ? parseIpv4(part) : null;
    if (dotted !== null) groups.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!);
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** The one text of RFC 5952 §4 for the sixteen bytes at `offset`: lower case, the longest run of zeros as `::`. */
export function formatIpv6(bytes: Uint8Array, offset = 0): Ipv6 {
  const groups = Array.from({ length: GROUPS }, (_, i) => {
    const at = offset + 2 * i;
    return (bytes[at]! << 8) | bytes[at + 1]!;
  });
  let longest = { start: 0, length: 1 }; // §4.2.2: a single group of zeros is written out
  for (let start = 0; start < GROUPS; start++) {
    let end = start;
    while (end < GROUPS && groups[end] === 0) end++;
    // §4.2.3: of two runs of the same length the first.
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  const hex = groups.map((group) => group.toString(16));
  if (longest.length === 1) return hex.join(':');
  const { start, length } = longest;
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
