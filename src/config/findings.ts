/** Collects what is wrong with a config file. Owns the places and the order of problems, not their causes. */

import { formatPath, type Path, type Place } from './place.ts';
import type { Problem } from './problem.ts';
import type { YamlTree } from './yaml-tree.ts';

/** Where checks report to. `of` points at the key instead of the value. */
export interface Findings {
  error(path: Path, message: string, of?: 'value' | 'key'): void;
  warning(path: Path, message: string, of?: 'value' | 'key'): void;
  /** In the order of the file. */
  sorted(): readonly Problem[];
}

/** A collector for one file, which begins with the mistakes of its YAML. */
export function collectFindings(file: string, tree: YamlTree): Findings {
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], path: Path, place: Place, message: string) => {
    problems.push({ severity, file, ...place, key: formatPath(path), message });
  };
  const unreadable = new Set<string>();
  for (const mistake of tree.mistakes) {
    add('error', mistake.path, mistake.place, mistake.message);
    if (mistake.unreadable) unreadable.add(formatPath(mistake.path));
  }
  return {
    error(path, message, of) {
      if (!unreadable.has(formatPath(path))) add('error', path, tree.place(path, of), message);
    },
    warning: (path, message, of) => add('warning', path, tree.place(path, of), message),
    sorted: () => problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}
