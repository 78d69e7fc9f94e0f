/** Checks of memcacheds that the daemon runs itself: what their commands say. */
import { splitCommand } from '../command-words.ts';
import { quote } from '../describe.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../place.ts';
import { CACHE_PLACEHOLDERS, namesPeer, peerCanBeLeftOut, unknownPlaceholder } from '../placeholders.ts';
import type { Draft } from '../schema.ts';

/** memcached's and repcached's. */
const TO_THE_BACKGROUND: readonly string[] = ['-d', '--daemon'];

/** Reports unknown placeholders, `{peer}` without a peer or where it cannot be left out, and -d. */
export function checkCaches(draft: Draft, findings: Findings): void {
  for (const [name, memcached] of Object.entries(draft.memcached ?? {})) {
    if (memcached?.command == null) continue;
    const path = ['memcached', name, 'command'];
    const { command } = memcached;
    const words = wordsOf(command);
    const placeOf = (index: number): Path => (typeof command === 'string' ? path : [...path, index]);
    // A peer that is there without a value had a wrong one, which is reported already.
    const lacksPeer = !Object.hasOwn(memcached, 'peer');
    words.forEach((word, index) => {
      const wrong = wrongWord(word, words[index - 1], lacksPeer && `memcached.${name}.peer`);
      if (wrong !== null) findings.error(placeOf(index), wrong);
    });
    const program = words[0]?.split('/').at(-1) ?? '';
    const background = /^(mem|rep)cached/.test(program)
      ? words.findIndex((word) => TO_THE_BACKGROUND.includes(word))
      : -1;
    if (background > 0) {
      findings.error(
        placeOf(background),
        `is ${quote(words[background]!)}, which sends ${program} to the background, where its death is not seen; leave it out`,
      );
    }
  }
}

type Words = string | readonly (string | number | boolean | undefined)[];

function wordsOf(command: Words): readonly string[] {
  if (typeof command !== 'string') return command.map((word) => String(word ?? ''));
  const split = splitCommand(command);
  return split.ok ? split.value : [];
}

/** `missing` is the key that `{peer}` needs and that is not there, or false. */
function wrongWord(word: string, before: string | undefined, missing: string | false): string | null {
  const unknown = unknownPlaceholder(word, CACHE_PLACEHOLDERS);
  if (unknown !== null) return unknown;
  if (missing !== false && namesPeer([word])) {
    return `is ${quote(word)}, which needs ${missing}, the other host's copy`;
  }
  if (!peerCanBeLeftOut(word, before)) {
    return `is ${quote(word)}, which is left out while the peer is away: write it as a word of its own behind its option, such as -x "{peer}"`;
  }
  return null;
}
