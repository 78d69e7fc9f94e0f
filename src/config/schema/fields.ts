/**
 * The kinds of value that the schema is made of, each with the words for a wrong one. Every message of the schema
 * begins here: zod's own wording never reaches an operator.
 */
import * as z from 'zod/mini';
import { splitCommand } from '../command-words.ts';
import { alternatives, mustBe, type Parsed, quote } from '../describe.ts';
import { isIpv4, parseHostAddress } from '../host-address.ts';
import { INTERFACE_NAME } from '../virtual-address.ts';

/** The error option of a zod type or check: `is 300, must be WHAT`. */
export function must(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: (issue) => mustBe(issue.input, what) };
}

/** A map with exactly these keys. The message of an unknown key lists the known ones for validate.ts to suggest from. */
export function section<S extends z.core.$ZodLooseShape>(shape: S, what: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : mustBe(issue.input, what),
  });
}

/** A map from names that the operator chooses to sections. Names stand in hooks' arguments, labels and log lines. */
export function named<S extends z.core.$ZodType>(value: S, what: string) {
  const name = z.string().check(z.regex(/^[!-~]{1,64}$/));
  return z.record(name, value, must(what));
}

/** A whole number in a range. */
export function whole(min: number, max?: number) {
  const rule = must(
    max === undefined ? `a whole number, at least ${min}` : `a whole number from ${min} to ${max}`,
  );
  const type = z.int(rule).check(z.minimum(min, { ...rule, abort: true }));
  return max === undefined ? type : type.check(z.maximum(max, rule));
}

/** A duration in seconds, fractions allowed. */
export function seconds(min: number, max: number) {
  const rule = must(`a number of seconds from ${min} to ${max}`);
  return z.number(rule).check(z.minimum(min, { ...rule, abort: true }), z.maximum(max, rule));
}

/** true or false. */
export function flag() {
  return z.boolean(must('true or false'));
}

/** A keyword that keepalived has without a value; only `true` can be said of it, and `instead` says how to have the opposite. */
export function keyword(instead: string) {
  return z.literal(true, must(`true (${instead})`));
}

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, must(alternatives(words)));
}

/** Text that passes a parser; the parser's reason is the message. */
export function parsed(parse: (text: string) => Parsed<unknown>, what: string) {
  return z.string(must(what)).check(
    z.refine((text: string) => parse(text).ok, {
      error: (issue) => {
        const result = parse(String(issue.input));
        return result.ok ? '' : result.reason;
      },
    }),
  );
}

/** Text that matches a pattern. */
export function matching(pattern: RegExp, what: string) {
  return z.string(must(what)).check(z.regex(pattern, must(what)));
}

/**
 * Text that YAML may read as a number or a truth value, such as `auth_pass: 0111`. What counts is how it is written
 * in the file; build takes it from there.
 */
export function scalarText(what: string) {
  return z.union([z.string(), z.number(), z.boolean()], must(what));
}

/** The name of a user of this host. */
export function userName() {
  return matching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, 'the name of one user');
}

/** The name of a network interface. */
export function interfaceName() {
  return matching(INTERFACE_NAME, 'the name of a network interface (1 to 15 letters, digits, _.@+-)');
}

/** The IPv4 or IPv6 address of a host. */
export function hostAddress() {
  return parsed(parseHostAddress, 'an IPv4 or IPv6 address');
}

/** Any IPv4 address, broadcast included. */
export function anyAddress() {
  return parsed(
    (text) =>
      isIpv4(text) ? { ok: true, value: text } : { ok: false, reason: mustBe(text, 'an IPv4 address') },
    'an IPv4 address',
  );
}

/** A program with its arguments: one string that is split as keepalived does, or a list of words. */
export function command() {
  const what = 'a command: one string, or a list of words';
  const word = z.union([z.string(), z.number(), z.boolean()], {
    error: (issue) => `${mustBe(issue.input, 'one word')}${placeholderHint(issue.input)}`,
  });
  return z.union([parsed(splitCommand, what), z.array(word).check(z.minLength(1, must(what)))], must(what));
}

// Unquoted, `{host}` is a YAML map with the key host: an easy slip in a list of words.
function placeholderHint(value: unknown): string {
  const map = value !== null && typeof value === 'object' && !Array.isArray(value);
  const keys = map ? Object.keys(value) : [];
  return keys.length === 1 ? ` (put the braces in quotes: ${quote(`{${keys[0]}}`)})` : '';
}
