/** MD5 (RFC 1321) of short byte strings, for ketama only: it spreads keys over servers and protects nothing. */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32),
);

function padded(bytes: Uint8Array, start: number, end: number): Int32Array {
  const length = end - start;
  const words = new Int32Array((((length + 8) >> 6) + 1) << 4);
  for (let index = 0; index < length; index++) {
    words[index >> 2]! |= bytes[start + index]! << ((index & 3) << 3);
  }
  words[length >> 2]! |= 0x80 << ((length & 3) << 3);
  words[words.length - 2] = length << 3;
  return words;
}

/** The digest of `bytes[start..end)` as four 32-bit words, little endian as RFC 1321 §3.5 puts them out. Up to 2^28 bytes. */
export function md5Words(bytes: Uint8Array, start: number, end: number): [number, number, number, number] {
  const words = padded(bytes, start, end);
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = [a0, b0, c0, d0];
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      let mix: number;
      let word: number;
      if (round === 0) {
        mix = (b & c) | (~b & d);
        word = step;
      } else if (round === 1) {
        mix = (d & b) | (~d & c);
        word = 5 * step + 1;
      } else if (round === 2) {
        mix = b ^ c ^ d;
        word = 3 * step + 5;
      } else {
        mix = c ^ (b | ~d);
        word = 7 * step;
      }
      const sum = (a + mix + SINES[step]! + words[block + (word & 15)]!) | 0;
      const shift = SHIFTS[(round << 2) | (step & 3)]!;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    a0 = (a0 + a) | 0;
    b0 = (b0 + b) | 0;
    c0 = (c0 + c) | 0;
    d0 = (d0 + d) | 0;
  }
  return [a0 >>> 0, b0 >>> 0, c0 >>> 0, d0 >>> 0];
}
