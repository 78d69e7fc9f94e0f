/**
 * Advertisements made by hand, right or wrong in one place: RFC 3768 §5 and RFC 9568 §5 written down a second time,
 * so that a mistake in the daemon's own encoder cannot hide behind itself. Pure.
 */

/** What an advertisement says; `intervalUnits` are seconds in version 2 and centiseconds in version 3. */
export interface Advert {
  readonly version: 2 | 3;
  readonly vrid: number;
  readonly priority: number;
  readonly intervalUnits: number;
  readonly addresses: readonly string[];
  /** Version 2: PASS authentication; without it auth type 0 and eight octets of zero. */
  readonly password?: string;
  readonly source: string;
  readonly sourceMac: string;
  /** Default 224.0.0.18, with the group's MAC address. */
  readonly destination?: { readonly address: string; readonly mac: string };
}

/** One thing put differently. */
export interface Flaw {
  readonly ttl?: number;
  /** The version nibble alone; the rest is as `Advert.version` has it. */
  readonly version?: number;
  readonly type?: number;
  readonly authType?: number;
  /** Count IP Addrs, whatever there is. */
  readonly count?: number;
  /** Octets cut off the end of the VRRP message; the IP header tells the shorter length. */
  readonly cut?: number;
  /** Octets of zero behind the VRRP message, and the IP header tells of them. */
  readonly more?: number;
  /** Octets of zero behind the IP datagram, as Ethernet pads. */
  readonly padding?: number;
  /** Added to the VRRP checksum. */
  readonly checksum?: number;
  /** Octets of NOP as IP options; a multiple of 4. */
  readonly options?: number;
}

/** The whole Ethernet frame in hexadecimal. */
export function craftFrame(advert: Advert, flaw: Flaw = {}): string {
  const destination = advert.destination ?? { address: '224.0.0.18', mac: '01:00:5e:00:00:12' };
  const message = vrrpMessage(advert, destination.address, flaw);
  const options = Buffer.alloc(flaw.options ?? 0, 1);
  const header = Buffer.alloc(20);
  header[0] = 0x40 | (5 + options.length / 4);
  header[1] = 0xc0;
  header.writeUInt16BE(20 + options.length + message.length, 2);
  header.writeUInt16BE(1, 4);
  header[8] = flaw.ttl ?? 255;
  header[9] = 112;
  octets(advert.source).copy(header, 12);
  octets(destination.address).copy(header, 16);
  header.writeUInt16BE(checksum(Buffer.concat([header, options])), 10);
  const ethernet = [destination.mac, advert.sourceMac].join('').replaceAll(':', '');
  const padding = Buffer.alloc(flaw.padding ?? 0);
  return `${ethernet}0800${Buffer.concat([header, options, message, padding]).toString('hex')}`;
}

function vrrpMessage(advert: Advert, destination: string, flaw: Flaw): Buffer {
  const { version, addresses, password } = advert;
  const head = Buffer.alloc(8);
  head[0] = ((flaw.version ?? version) << 4) | (flaw.type ?? 1);
  head[1] = advert.vrid;
  head[2] = advert.priority;
  head[3] = flaw.count ?? addresses.length;
  if (version === 2) {
    head[4] = flaw.authType ?? (password === undefined ? 0 : 1);
    head[5] = advert.intervalUnits;
  } else {
    head.writeUInt16BE(advert.intervalUnits, 4);
  }
  const auth = Buffer.alloc(version === 2 ? 8 : 0);
  auth.write(password ?? '');
  const whole = Buffer.concat([head, ...addresses.map(octets), auth, Buffer.alloc(flaw.more ?? 0)]);
  const message = whole.subarray(0, whole.length - (flaw.cut ?? 0));
  const pseudo = Buffer.concat([
    octets(advert.source),
    octets(destination),
    Buffer.from([0, 112, message.length >> 8, message.length & 0xff]),
  ]);
  const sum = checksum(version === 3 ? Buffer.concat([pseudo, message]) : message);
  if (message.length >= 8) message.writeUInt16BE((sum + (flaw.checksum ?? 0)) & 0xffff, 6);
  return message;
}

function octets(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt8(i) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
