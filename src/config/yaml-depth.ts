/**
 * How deep the syntax tree of a YAML text is. The `yaml` package composes recursively, and text nested some thousand
 * levels deep makes V8 abort the whole process there (not throw), so the depth is looked at first, without recursion.
 */
import type { CST } from 'yaml';

/** The offset of the first node nested deeper than `limit`, or null. */
export function tooDeep(root: CST.Token, limit: number): number | null {
  const todo: { token: CST.Token | null | undefined; depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { token, depth } = next;
    if (token == null) continue;
    if (depth > limit) return token.offset;
    if (token.type === 'document') todo.push({ token: token.value, depth });
    else if ('items' in token) {
      for (const item of token.items) {
        todo.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 });
      }
    }
  }
  return null;
}
