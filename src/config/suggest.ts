/** The likely word behind a misspelt one. */
import { closestMatch } from 'leven';

/**
 * `, did you mean "x"?` for a candidate that differs in at most a third of the word's letters, else nothing. Words of
 * four letters and more may differ in two, which is what swapping two letters counts as.
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replaceAll('-', '_').slice(0, 64);
  const maxDistance = Math.max(word.length < 4 ? 1 : 2, Math.floor(word.length / 3));
  const match = closestMatch(plain(word), candidates.map(plain), { maxDistance });
  const candidate = candidates.find((name) => plain(name) === match);
  return candidate === undefined ? '' : `, did you mean ${JSON.stringify(candidate)}?`;
}
