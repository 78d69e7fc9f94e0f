/**
 * Converters for one value. A word that keepalived could not read either is carried as it is: `check` refuses it and
 * says what it must be, so that this is said in one place only.
 */
import type { Statement } from '../read/tree.ts';
import { lossOf } from './origin.ts';
import type { Convert, Converted } from './treatment.ts';

/** keepalived's booleans; without a word they are true. */
export function isOn(word: string | undefined): boolean {
  return word === undefined || ['true', 'on', 'yes'].includes(word);
}

export const flag: Convert = ({ words: [, word] }) => {
  if (isOn(word)) return { ok: true, value: true };
  if (['false', 'off', 'no'].includes(word!)) return { ok: true, value: false };
  return { ok: false, reason: `${word} is neither on, true, yes nor off, false, no` };
};

/** A keyword that is true by standing there, and its opposite. */
export const yes: Convert = () => ({ ok: true, value: true });
export const no: Convert = () => ({ ok: true, value: false });

/** `use_vmac [[name] NAME] [MAC] [netlink_notify_msg] [group GROUP]`; keepalived's order of these is free. */
export const vmac: Convert = (statement) => {
  let name: string | null = null;
  const lost: string[] = [];
  const rest = statement.words.slice(1);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'name') name = rest[++i] ?? '';
    else if (word === 'group') lost.push(`group ${rest[++i] ?? ''}`);
    else if (word === 'netlink_notify_msg') continue;
    else if (/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){4,5}$/i.test(word)) lost.push(word);
    else name = word;
  }
  const losses = lost.map((what) => ({
    ...lossOf(statement, 'the MAC is that of the RFC, and the group that of the interface below'),
    what: `use_vmac ${what}`,
  }));
  return { ok: true, value: name ?? true, losses };
};

/** One word, as text. */
export const word: Convert = (statement) => single(statement, (text) => text);

/** A number; keepalived reads decimal only. `least` is what it makes of anything smaller. */
export function number(least = Number.NEGATIVE_INFINITY): Convert {
  return (statement) =>
    single(statement, (text) => {
      const value = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) ? Math.max(value, least) : text;
    });
}

/** `weight N [reverse]`, of which both words count. */
export const weight: Convert = (statement, context) =>
  statement.words[2] === 'reverse' ? sentence(statement, context) : number()(statement, context);

/** All words behind the keyword as one text. */
const sentence: Convert = ({ words: [, ...rest] }) =>
  rest.length === 0 ? { ok: false, reason: 'has no value' } : { ok: true, value: rest.join(' ') };

/** `init_file [VALUE] [overwrite]` */
export const initFile: Convert = ({ words: [, ...rest] }) => {
  const words = /^[+-]?\d+$/.test(rest[0] ?? '') ? rest : ['0', ...rest];
  return { ok: true, value: words.length === 1 ? Number(words[0]) : words.join(' ') };
};

/** `param_match`; without a word the parameters must be exactly these. */
export const paramMatch: Convert = ({ words: [, word = 'exact'] }) => ({ ok: true, value: word });

/** keepalived counts version 2 in whole seconds and version 3 in 10 ms, and rounds in silence. */
export const advertInt: Convert = (statement, context) => {
  const converted = number()(statement, context);
  if (!converted.ok || typeof converted.value !== 'number') return converted;
  const given = converted.value;
  const value = context.version === 2 ? Math.max(1, Math.round(given)) : Math.round(given * 100) / 100;
  return value === given ? converted : { ...converted, value, remark: `keepalived rounds ${given}` };
};

/** keepalived knows two states and takes any other word for BACKUP. */
export const state: Convert = (statement) => {
  const [, text] = statement.words;
  return text === 'MASTER' || text === 'BACKUP'
    ? single(statement, () => text)
    : { ok: true, value: 'BACKUP', remark: `keepalived takes ${text ?? 'nothing'} for BACKUP` };
};

/** `script_user USER [GROUP]` and `user USER [GROUP]`. */
export const user: Convert = (statement) => {
  const [, name, group] = statement.words;
  if (name === undefined) return { ok: false, reason: 'no user is given' };
  const losses =
    group === undefined || group === name
      ? []
      : [lossOf(statement, `scripts run with ${name}'s own group, not with ${group}`)];
  return { ok: true, value: name, losses };
};

function single(statement: Statement, convert: (text: string) => string | number): Converted {
  const [, text, ...more] = statement.words;
  if (text === undefined) return { ok: false, reason: 'has no value' };
  const losses =
    more.length === 0 ? [] : [lossOf(statement, `only ${text} counts, keepalived ignores the rest`)];
  return { ok: true, value: convert(text), losses };
}
