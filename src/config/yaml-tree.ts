/**
 * YAML text to plain values that remember where they stand in the file. Knows nothing of the schema.
 * Nothing in the text makes it throw, hang or grow: size, depth and the expansion of aliases are bounded.
 */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  Parser,
  type YAMLError,
} from 'yaml';
import { quote } from './describe.ts';
import { tooDeep } from './yaml-depth.ts';
import { syntaxMessage } from './yaml-words.ts';

/** Keys and list positions from the root of the file. */
export type Path = readonly (string | number)[];

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

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

/** Larger than any real config by far, and still read in about a second when it is made to be slow. */
const LARGEST_FILE = 128 * 1024;
const DEEPEST = 20;
const MOST_NODES = 100_000;
/** After the first few syntax errors the rest are mostly echoes of them. */
const MOST_SYNTAX_ERRORS = 10;

/** The first line of a block in keepalived.conf; as a whole line it means nothing in a config of ours. */
const KEEPALIVED_BLOCK = /^[ \t]*(?:global_defs|vrrp_(?:instance|script|sync_group))\b[^:\n{]*\{[ \t]*$/m;

interface Origin {
  readonly value: Place;
  readonly key: Place;
  readonly text: string | undefined;
}

/** Parses one document. Every mistake is returned, none thrown. */
export function parseYaml(text: string): YamlTree {
  if (text.length > LARGEST_FILE) {
    return broken(1, 1, `the file is larger than ${LARGEST_FILE / 1024} KiB, that is no config`);
  }
  const foreign = KEEPALIVED_BLOCK.exec(text);
  if (foreign !== null) {
    const { line } = placesIn(text)(foreign.index);
    return broken(line, 1, "this is keepalived's own format, the config of memcache-ha is YAML");
  }
  const tokens = [...new Parser().parse(text)];
  const at = placesIn(text);
  const deep = tokens.map((token) => tooDeep(token, DEEPEST)).find((offset) => offset !== null);
  if (deep != null) {
    const { line, column } = at(deep);
    return broken(line, column, `nested deeper than ${DEEPEST} levels`);
  }
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const mistakes: YamlMistake[] = syntaxErrors(documents).map((error) => ({
    path: [],
    place: at(error.pos[0]),
    message: syntaxMessage(error),
    unreadable: true,
  }));
  const [document, second] = documents;
  if (second !== undefined) {
    mistakes.push({
      path: [],
      place: at(second.range[0]),
      message: 'a second YAML document begins here (---), only one is read',
      unreadable: true,
    });
  }
  if (document === undefined || mistakes.length > 0) return { ...broken(1, 1, ''), mistakes };
  if (document.contents === null || (isScalar(document.contents) && document.contents.source === '')) {
    return broken(1, 1, 'the file is empty');
  }
  return convert(document, at);
}

/** From offsets to places. The package's own LineCounter misses line breaks in some broken texts. */
function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let low = 0;
    for (let high = starts.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

/** The first few errors; of several at one place only the first, which the others follow from. */
function syntaxErrors(documents: readonly Document.Parsed[]): YAMLError[] {
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  const first = new Map<number, YAMLError>();
  for (const error of errors) if (!first.has(error.pos[0])) first.set(error.pos[0], error);
  return [...first.values()].slice(0, MOST_SYNTAX_ERRORS);
}

/** A tree without structure, for text that cannot be read at all. */
function broken(line: number, column: number, message: string): YamlTree {
  const place = { line, column };
  return {
    value: undefined,
    mistakes: [{ path: [], place, message, unreadable: true }],
    place: () => place,
    text: () => undefined,
  };
}

function convert(document: Document.Parsed, at: (offset: number) => Place): YamlTree {
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

/** `vrrp_instance.VI_1.virtual_ipaddress[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${keyText(part)}`,
    '',
  );
}

// Keys are the file's text: a line break in one must not break the message's line.
function keyText(key: string): string {
  return /^[^\s\p{C}]{1,64}$/u.test(key) ? key : quote(key);
}

function pathKey(path: Path): string {
  return JSON.stringify(path);
}
