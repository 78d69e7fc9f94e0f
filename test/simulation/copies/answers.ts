/**
 * Reads what a client is answered: finds the end of each answer, and writes down what it says. An answer that memcached would
 * never give, or that shows the reserved key, is a violation at once.
 */
import { GENERATION_KEY } from '../../../src/core/generation.ts';
import { Violation } from '../violation.ts';
import type { History, Operation, Outcome } from './history.ts';
import type { AnswerShape, Draft } from './requests.ts';
import { counterVersion, versionOf } from './values.ts';

/** Where the answer that begins at `from` ends, or -1 while it is not whole. */
export function answerEnd(shape: AnswerShape, text: string, from: number): number {
  if (shape === 'none') return from;
  const lineEnd = text.indexOf('\r\n', from) + 2;
  if (lineEnd === 1) return -1;
  if (shape === 'line') return lineEnd;
  if (shape === 'meta') {
    if (!text.startsWith('VA ', from)) return lineEnd;
    const end = lineEnd + Number.parseInt(text.slice(from + 3, lineEnd), 10) + 2;
    return end <= text.length ? end : -1;
  }
  let block = from;
  while (text.startsWith('VALUE ', block)) {
    const blockLine = text.indexOf('\r\n', block);
    if (blockLine === -1) return -1;
    block = blockLine + 2 + Number(text.slice(block, blockLine).split(' ')[3]) + 2;
  }
  const last = text.indexOf('\r\n', block);
  return last === -1 ? -1 : last + 2;
}

const DONE = /^(STORED|DELETED|TOUCHED|OK|HD|VA|MN|VERSION|\d+\r)/;
const REFUSED = /^(NOT_STORED|NOT_FOUND|EXISTS|NS|NF|EX|EN|END)\b/;
/** A counter that is no number any more, and the like. */
const CLIENT_ERROR = /^CLIENT_ERROR /;

function wrong(operation: Operation, draft: Draft, text: string): never {
  throw new Violation(
    'answers',
    `request ${operation.id} ${JSON.stringify(draft.bytes.slice(0, 80))} was answered by ${JSON.stringify(text.slice(0, 200))}`,
  );
}

/** A miss or a refusal that repeats the key it was asked for shows nothing. */
function showsReserved({ bytes }: Draft, text: string): boolean {
  if (/^(EN|CLIENT_ERROR|SERVER_ERROR) .*\r\n$/.test(text)) return false;
  if (bytes.startsWith(`mg ${GENERATION_KEY}`)) return !text.startsWith('EN');
  return text.includes(GENERATION_KEY);
}

/** Takes the whole answer `text` to `operation`; CAS numbers are kept in `cas`. */
export function takeAnswer(
  history: History,
  operation: Operation,
  draft: Draft,
  text: string,
  cas: Map<string, string>,
): void {
  if (showsReserved(draft, text)) {
    const shown = JSON.stringify(text.slice(0, 120));
    throw new Violation('reserved', `request ${operation.id} was answered by ${shown}`);
  }
  operation.outcome = outcomeOf(operation, draft, text);
  if (draft.asked.length > 0) {
    if (draft.shape === 'values') readBlocks(history, operation, draft, text, cas);
    else readMeta(history, operation, draft, text, cas);
  } else if (operation.kind === 'incr' && operation.outcome === 'done') {
    const number = text.startsWith('VA ') ? text.slice(text.indexOf('\n') + 1) : text;
    operation.counted = counterVersion(number) ?? wrong(operation, draft, text);
  }
}

function outcomeOf(operation: Operation, draft: Draft, text: string): Outcome {
  if (draft.shape === 'none') return 'silent';
  if (text.startsWith('SERVER_ERROR ')) return 'failed';
  if (operation.kind === 'other') return 'done';
  if (draft.asked.length > 0) return 'done';
  if (DONE.test(text)) return 'done';
  if (REFUSED.test(text) || (CLIENT_ERROR.test(text) && operation.kind === 'incr')) return 'refused';
  return wrong(operation, draft, text);
}

function note(
  history: History,
  operation: Operation,
  draft: Draft,
  key: string,
  flags: string,
  value: string,
): void {
  const version = versionOf(value);
  const base = version === null ? undefined : history.operations[version.base];
  if (version === null || base === undefined || base.key !== key)
    throw new Violation('answers', `${key} has the value ${JSON.stringify(value.slice(0, 80))}`);
  if (String(base.flags) !== flags) wrong(operation, draft, `${key} ${value.slice(0, 40)} flags ${flags}`);
  for (const write of version.added)
    if (history.operations[write]?.key !== key) wrong(operation, draft, value);
  if (new Set(version.added).size < version.added.length)
    throw new Violation(
      'twice',
      `${key}, read by ${operation.id}, holds something twice: ${value.slice(0, 80)}`,
    );
  history.readings.push({ operation, key, version });
}

function readBlocks(
  history: History,
  operation: Operation,
  draft: Draft,
  text: string,
  cas: Map<string, string>,
): void {
  let at = 0;
  let next = 0;
  while (text.startsWith('VALUE ', at)) {
    const lineEnd = text.indexOf('\r\n', at);
    const [, key, flags, length, number] = text.slice(at, lineEnd).split(' ');
    const index = draft.asked.indexOf(key!, next);
    if (index === -1) wrong(operation, draft, text);
    while (next < index) history.misses.push({ operation, key: draft.asked[next++]! });
    next = index + 1;
    const end = lineEnd + 2 + Number(length);
    if (number !== undefined) cas.set(key!, number);
    note(history, operation, draft, key!, flags!, text.slice(lineEnd + 2, end));
    at = end + 2;
  }
  if (operation.outcome === 'failed') return;
  if (text.slice(at) !== 'END\r\n') wrong(operation, draft, text);
  while (next < draft.asked.length) history.misses.push({ operation, key: draft.asked[next++]! });
}

function readMeta(
  history: History,
  operation: Operation,
  draft: Draft,
  text: string,
  cas: Map<string, string>,
): void {
  if (operation.outcome === 'failed') return;
  if (/^EN\b/.test(text)) {
    history.misses.push({ operation, key: draft.asked[0]! });
    return;
  }
  const lineEnd = text.indexOf('\r\n');
  const words = text.slice(0, lineEnd).split(' ');
  const word = (letter: string) => words.find((one, index) => index > 1 && one[0] === letter)?.slice(1);
  const key = word('k');
  const flags = word('f');
  const number = word('c');
  if (key === undefined || flags === undefined || number === undefined || key !== draft.asked[0])
    return wrong(operation, draft, text);
  cas.set(key, number);
  note(history, operation, draft, key, flags, text.slice(lineEnd + 2, -2));
}
