/** A mistake or a doubt in a config file, with its place. Types and formatting only. */

/** One finding. `line` and `column` count from 1; `key` is the path in the file, e.g. `vrrp_instance.VI_1.priority`. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly message: string;
}

/** `FILE:LINE:COL: key: what is wrong`, the form that editors jump to. */
export function formatProblem(problem: Problem): string {
  const key = problem.key === '' ? '' : `${problem.key}: `;
  const warning = problem.severity === 'warning' ? 'warning: ' : '';
  return `${problem.file}:${problem.line}:${problem.column}: ${warning}${key}${problem.message}`;
}
