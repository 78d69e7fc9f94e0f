/** Bytes for test tables: from hexadecimal with any spacing, and from ASCII. */

export function bytes(hex: string): Uint8Array {
  const digits = hex.replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hexadecimal: ${hex}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

export const text = (ascii: string): Uint8Array => Uint8Array.from(ascii, (char) => char.charCodeAt(0));
