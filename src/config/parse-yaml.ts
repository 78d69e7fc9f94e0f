/**
 * YAML text to a tree of values, or what is wrong with the text. Nothing in it makes this throw, hang or grow: size,
 * depth and the expansion of aliases are bounded.
 */
import { Composer, type Document, isScalar, Parser, type YAMLError } from 'yaml';
import { placesIn } from './place.ts';
import { tooDeep } from './yaml-depth.ts';
import { buildTree, DEEPEST, type YamlMistake, type YamlTree } from './yaml-tree.ts';
import { syntaxMessage } from './yaml-words.ts';

/** Larger than any real config by far, and still read in about a second when it is made to be slow. */
const LARGEST_FILE = 128 * 1024;
/** After the first few syntax errors the rest are mostly echoes of them. */
const MOST_SYNTAX_ERRORS = 10;

/** The first line of a block in keepalived.conf; as a whole line it means nothing in a config of ours. */
const KEEPALIVED_BLOCK = /^[ \t]*(?:global_defs|vrrp_(?:instance|script|sync_group))\b[^:\n{]*\{[ \t]*$/m;

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
  return buildTree(document, at);
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
