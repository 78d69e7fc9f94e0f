/**
 * A parsed YAML document as plain values that remember where they stand. Knows nothing of the schema. Aliases are
 * followed as far as depth and size allow; the depth of the document itself is its parser's to bound.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Path, Place } from './place.ts';

/** A mistake in the YAML itself; `path` is empty where the text has no structure yet. */
export interface YamlMistake {
  readonly path: Path;
  readonly place: Place;
  readonly message: string;
  /** There is no value at `path` because of this, so that its absence is no mistake of its own. */
  readonly unreadable: boolean;
}

/** The whole text. */
export interface YamlTree {
  /** Plain values: maps without a prototype, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  readonly mistakes: readonly YamlMistake[];
  /** Where the value stands (its key when it is empty or the key is asked for); where nothing does, its nearest parent's key. */
  place(path: Path, of?: 'value' | 'key'): Place;
  /** A scalar as it is written, without quotes: `0111` where the value is 111. */
  text(path: Path): string | undefined;
}

/** How deep a config may nest; ours needs six levels. */
export const DEEPEST = 20;
/** What a bomb of aliases may grow to before it is refused. */
const MOST_NODES = 100_000;

interface Origin {
  readonly value: Place;
  readonly key: Place;
  readonly text: string | undefined;
}

/** Makes the tree; `at` turns the document's offsets into places. */
export function buildTree(document: Document.Parsed, at: (offset: number) => Place): YamlTree {
  const origins = new Map<string, Origin>();
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  const mistakes: YamlMistake[] = [];
  let nodes = 0;

  const mistake = (path: Path, place: Place, message: string): undefined => {
    mistakes.push({ path, place, message, unreadable: true });
    return undefined;
  };

  /** `aliased`: reached through an alias, so that its anchors are known already. */
  function visit(node: ParsedNode | null, path: Path, key: Place, aliased: boolean): unknown {
    const value = node === null ? key : at(node.range[0]);
    if (++nodes > MOST_NODES) {
      return nodes === MOST_NODES + 1 ? mistake(path, value, 'aliases make this too large') : undefined;
    }
    if (node !== null && isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined)
        return mistake(path, value, `no anchor &${node.source} stands before this alias`);
      if (open.has(target)) return mistake(path, value, `the alias *${node.source} contains itself`);
      if (path.length > DEEPEST) return mistake(path, value, `nested deeper than ${DEEPEST} levels`);
      return visit(target, path, key, true);
    }
    if (node?.anchor !== undefined && !aliased) anchors.set(node.anchor, node);
    const text = node !== null && isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    const empty = node === null || (isScalar(node) && node.value === null && text === '');
    origins.set(pathKey(path), { value: empty ? key : value, key, text });
    if (node === null) return null;
    if (text?.includes('\0')) return mistake(path, value, 'has a NUL character');
    open.add(node);
    const result = isScalar(node) ? plain(node.value, text) : collection(node, path, aliased);
    open.delete(node);
    return result;
  }

  function collection(node: ParsedNode, path: Path, aliased: boolean): unknown {
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const child = item as ParsedNode | null;
        return visit(
          child,
          [...path, index],
          child === null ? at(node.range[0]) : at(child.range[0]),
          aliased,
        );
      });
    }
    const map: Record<string, unknown> = Object.create(null);
    if (!isMap(node)) return map;
    const seen = new Map<string, Place>();
    for (const pair of node.items) {
      const keyNode = pair.key as ParsedNode;
      const place = at(keyNode.range[0]);
      if (!isScalar(keyNode) || (keyNode.source ?? '') === '') {
        mistake(path, place, 'a key must be a word');
        continue;
      }
      const name = keyNode.source ?? '';
      if (keyNode.anchor !== undefined && !aliased) anchors.set(keyNode.anchor, keyNode);
      const first = seen.get(name);
      // zod leaves this one name out in silence, and nothing that is called so can be meant.
      if (name === '__proto__') mistake([...path, name], place, 'is no usable name');
      else if (first !== undefined) {
        const message = `is given twice, first on line ${first.line}`;
        mistakes.push({ path: [...path, name], place, message, unreadable: false });
      } else {
        seen.set(name, place);
        map[name] = visit(pair.value as ParsedNode | null, [...path, name], place, aliased);
      }
    }
    return map;
  }

  const start = { line: 1, column: 1 };
  const value = visit(document.contents as ParsedNode, [], start, false);
  return {
    value,
    mistakes,
    place(path, of = 'value') {
      for (let length = path.length; length >= 0; length--) {
        const origin = origins.get(pathKey(path.slice(0, length)));
        if (origin !== undefined) return length === path.length ? origin[of] : origin.key;
      }
      return start;
    },
    text: (path) => origins.get(pathKey(path))?.text,
  };
}

/** Values that only YAML 1.1 knows (dates, binary) are what is written in the file. */
function plain(value: unknown, text: string | undefined): unknown {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) ? value : text;
}

function pathKey(path: Path): string {
  return JSON.stringify(path);
}
