/**
 * The lines of a keepalived.conf as keepalived sees them: comments gone, files included, conditions decided, parameters
 * and sequences filled in. Knows no keyword. Nothing in the text makes it throw or run away: every growth is bounded.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { decomment, trimBlanks } from './decomment.ts';
import { createDefinitions, parseDefinition } from './definitions.ts';
import { isPattern } from './glob.ts';
import { isSequence, parseSequence } from './sequences.ts';
import type { Position, SourceProblem, Sources } from './source.ts';

/** One line with its place; the lines of a parameter have the place where it is used. */
export interface SourceLine {
  readonly text: string;
  readonly at: Position;
}

export interface SourceLines {
  readonly lines: readonly SourceLine[];
  readonly problems: readonly SourceProblem[];
  /** Names of `@NAME` lines that were left out because they are for another host. */
  readonly otherIds: readonly string[];
}

export interface ReadOptions {
  /** keepalived's --config-id, which `@NAME` lines are compared with. */
  readonly configId: string;
}

/** 255 instances have less than a fifth of either. */
const MOST_LINES = 50_000;
const MOST_CHARACTERS = 1_500_000;
/** keepalived ignores lines longer than 1024. */
const LONGEST_LINE = 8192;
const MOST_FILES = 500;
const DEEPEST_INCLUDE = 16;
const DEEPEST_EXPANSION = 32;

const INCLUDE = /^include[rmwba]?[ \t]+(.*)$/s;
const CONDITION = /^@(\^?)([^ \t]*)(?:[ \t]+(.*))?$/s;

/** All lines of a text and of what it includes. `file` is the name that positions carry. */
export function readLines(file: string, text: string, sources: Sources, options: ReadOptions): SourceLines {
  const lines: SourceLine[] = [];
  const problems: SourceProblem[] = [];
  const otherIds = new Set<string>();
  let files = 0;
  let linesLeft = MOST_LINES;
  let charactersLeft = MOST_CHARACTERS;
  let folder = dirname(file);

  const problem = (at: Position, what: string, reason: string): void =>
    void problems.push({ at, what, reason });
  let spot: Position = { file, line: 1 };

  const definitions = createDefinitions((name, parameter) => {
    switch (name) {
      case '_PWD':
        return folder;
      case '_INSTANCE':
        return options.configId;
      case '_ENV':
        return parameter === '' ? null : (sources.environment(parameter) ?? '');
      case '_HASH':
        return '#';
      case '_BANG':
        return '!';
      case '_RANDOM':
        problem(spot, '_RANDOM', 'is random; its least value is written instead');
        return parameter === '' ? '0' : parameter.split(/[ \t]+/)[0]!;
      default:
        return null;
    }
  });

  function readText(name: string, content: string, chain: readonly string[]): void {
    files++;
    const outer = folder;
    folder = dirname(name);
    let definition: { readonly name: string; readonly lines: string[] } | null = null;
    content.split('\n').forEach((raw, index) => {
      const at = { file: name, line: index + 1 };
      if (raw.length > LONGEST_LINE) {
        problem(at, raw, 'the line is too long');
        return;
      }
      const { text: line, continues } = decomment(raw.replace(/\r+$/, ''));
      if (definition !== null) {
        if (line !== '') definition.lines.push(line);
        if (!continues) definition = close(definition);
        return;
      }
      const own = continues ? parseDefinition(condition(line) ?? '') : null;
      if (own !== null) definition = { name: own.name, lines: [trimBlanks(own.value)] };
      else if (line !== '') expand(line, at, 0, chain);
    });
    if (definition !== null) close(definition);
    folder = outer;
  }

  // Not a loop's iteration: nothing more of the definition is to come.
  function close(definition: { readonly name: string; readonly lines: readonly string[] }): null {
    definitions.set(definition.name, definition.lines);
    return null;
  }

  /** The line without its `@NAME`, or null when it is for another host. */
  function condition(line: string): string | null {
    const match = CONDITION.exec(line);
    if (match === null) return line;
    const [, not, id = '', rest] = match;
    if (rest !== undefined && (id === options.configId) !== (not === '^')) return rest;
    if (not === '') otherIds.add(id);
    return null;
  }

  function isFull(): boolean {
    return linesLeft <= 0 || charactersLeft <= 0;
  }

  function expand(text: string, at: Position, depth: number, chain: readonly string[]): void {
    if (isFull()) return;
    linesLeft--;
    charactersLeft -= text.length;
    if (isFull()) {
      const limits = `${MOST_LINES} lines or ${MOST_CHARACTERS} characters`;
      problem(at, text, `the configuration has more than ${limits}; this and the rest are not read`);
      return;
    }
    if (depth > DEEPEST_EXPANSION) {
      problem(at, text, 'parameters and sequences are nested too deeply here');
      return;
    }
    spot = at;
    let line = text;
    // Each turn fills something in; a line that needs more of them than this contains itself.
    for (let turn = 0; turn <= DEEPEST_EXPANSION; turn++) {
      const mine = condition(line);
      if (mine === null) return;
      const definition = parseDefinition(mine);
      if (definition !== null) {
        definitions.set(definition.name, [definition.value]);
        return;
      }
      if (isSequence(mine)) {
        repeat(mine, at, depth, chain);
        return;
      }
      const filled = definitions.substitute(mine);
      if (filled.problem !== null) {
        problem(at, mine, filled.problem);
        return;
      }
      if (filled.following.length > 0) {
        for (const part of [filled.text, ...filled.following]) expand(part, at, depth + 1, chain);
        return;
      }
      line = trimBlanks(filled.text);
      if (line === trimBlanks(mine)) break;
    }
    const include = INCLUDE.exec(line);
    if (include !== null) includeFiles(include[1]!, line, at, chain);
    else if (line !== '') lines.push({ text: line, at });
  }

  function repeat(line: string, at: Position, depth: number, chain: readonly string[]): void {
    const sequence = parseSequence(line, (part) => definitions.substitute(part).text);
    if (!sequence.ok) {
      problem(at, line, sequence.reason);
      return;
    }
    for (const turn of sequence.turns) {
      if (isFull()) return;
      for (const [name, value] of turn) definitions.set(name, [value]);
      expand(sequence.text, at, depth + 1, chain);
    }
  }

  function includeFiles(pattern: string, line: string, at: Position, chain: readonly string[]): void {
    const path = isAbsolute(pattern) ? pattern : join(folder, pattern);
    const found = isPattern(path) ? sources.glob(path) : [path];
    if (found.length === 0) problem(at, line, 'no file matches');
    for (const each of found) {
      if (chain.includes(each)) problem(at, line, `${each} includes itself`);
      else if (chain.length >= DEEPEST_INCLUDE) problem(at, line, 'includes are nested too deeply');
      else if (files >= MOST_FILES) problem(at, line, `more than ${MOST_FILES} files are included`);
      else {
        const source = sources.read(each);
        if (source.ok) readText(each, source.text, [...chain, each]);
        else problem(at, line, `${each} ${source.reason}`);
      }
    }
  }

  readText(file, text, [file]);
  return { lines, problems, otherIds: [...otherIds] };
}
