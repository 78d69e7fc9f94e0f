/** Scalars as YAML: plain where that cannot be misread, else in double quotes. */
import { parse } from 'yaml';
import type { Scalar } from '../model.ts';

/** What may stand plain in a flow list too: no comma, bracket, brace, quote, or colon with a space behind it. */
const PLAIN = /^(?:-?[A-Za-z0-9_./])[A-Za-z0-9_./@%+=~-]*(?:[: ][A-Za-z0-9_./@%+=~-]+)*$/;

/** Most words: they begin like no number, and YAML has no other meaning for them. Addresses. */
const ORDINARY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z_/][a-z0-9_./-]*$|^\d+\.\d+\.\d+\.\d+$/i;

/** `0111` as text becomes `"0111"`, for a reader of YAML 1.1 must not take it for a number either. */
export function formatScalar(value: Scalar): string {
  if (typeof value !== 'string') return String(value);
  if (ORDINARY.test(value)) return value;
  const plain = PLAIN.test(value) && isText(value, '1.1') && isText(value, '1.2');
  return plain ? value : JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
}

function isText(value: string, version: '1.1' | '1.2'): boolean {
  try {
    return parse(value, { version, logLevel: 'silent' }) === value;
  } catch {
    return false;
  }
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
