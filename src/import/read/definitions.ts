/**
 * keepalived's parameters: `$NAME=VALUE`, `$NAME` and `${NAME}`. Owns their values; which line defines or uses one is
 * the expansion's to say.
 */

/** Several lines when the definition had continuations. */
type Value = readonly string[];

/** A line with its parameters filled in. */
export interface Substituted {
  readonly text: string;
  /** The further lines of a parameter of several lines, which must end the line that uses it. */
  readonly following: readonly string[];
  /** Why it is not what keepalived makes of it, or null. */
  readonly problem: string | null;
}

/** What keepalived defines itself: values that the import knows. `null`: not defined. */
export type Predefined = (name: string, parameter: string) => string | null;

export interface Definitions {
  set(name: string, lines: Value): void;
  substitute(text: string): Substituted;
}

/** keepalived's own limit is 1024; a longer line means a parameter that contains itself. */
const LONGEST_LINE = 8192;
const MOST_SUBSTITUTIONS = 200;

const DEFINITION = /^\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)$/s;
const USE =
  /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)((?:[ \t]+[A-Za-z0-9_]+)*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))/y;

/** The name and the first line of a definition, or null when the line is none. */
export function parseDefinition(line: string): { readonly name: string; readonly value: string } | null {
  const match = DEFINITION.exec(line);
  return match === null ? null : { name: match[1]!, value: match[2]! };
}

export function createDefinitions(predefined: Predefined): Definitions {
  const values = new Map<string, Value>();

  const lookUp = (name: string, parameter: string): Value | null => {
    if (parameter === '') {
      const own = values.get(name);
      if (own !== undefined) return own;
    }
    const value = predefined(name, parameter);
    return value === null ? null : [value];
  };

  return {
    set: (name, lines) => void values.set(name, lines),
    substitute(line) {
      let text = line;
      let following: readonly string[] = [];
      let count = 0;
      for (let from = text.indexOf('$'); from >= 0; from = text.indexOf('$', from)) {
        USE.lastIndex = from;
        const use = USE.exec(text);
        const value = use === null ? null : lookUp(use[1] ?? use[3]!, (use[2] ?? '').trim());
        const end = from + (use?.[0].length ?? 0);
        if (value === null || (value.length > 1 && end < text.length)) {
          from++;
          continue;
        }
        const filled = text.slice(0, from) + value[0] + text.slice(end);
        if (++count > MOST_SUBSTITUTIONS || filled.length > LONGEST_LINE) {
          return { text, following, problem: 'its parameters make the line too long' };
        }
        text = filled;
        following = [...value.slice(1), ...following];
        // What follows a sequence belongs to each of its turns, so it is filled in then.
        if (/^[ \t]*~/.test(value[0]!)) break;
      }
      return { text, following, problem: null };
    },
  };
}
