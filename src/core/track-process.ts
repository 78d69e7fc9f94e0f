/** Which processes a `vrrp_track_process` means, and whether there are enough of them. Decides only. */

/** What to look for; see keepalived.conf(5), "VRRP track processes". */
export interface ProcessPattern {
  readonly process: string;
  /** Null: any parameters. */
  readonly parameters: readonly string[] | null;
  readonly paramMatch: 'exact' | 'initial' | 'partial';
  /** Compare with the whole of argv[0] instead of the process's name. */
  readonly fullCommand: boolean;
  readonly quorum: number;
  readonly quorumMax: number | null;
}

/** The kernel cuts a process's name to so many characters (TASK_COMM_LEN without its NUL). */
const LONGEST_NAME = 15;

/** True when the process with this name and these arguments (argv[0] first) is meant. */
export function matchesProcess(pattern: ProcessPattern, name: string, command: readonly string[]): boolean {
  // keepalived looks at the command line as soon as parameters matter.
  const wholeCommand = pattern.fullCommand || pattern.parameters !== null;
  if (wholeCommand) {
    const [program = '', ...parameters] = command;
    const basename = program.slice(program.lastIndexOf('/') + 1);
    if (program !== pattern.process && (pattern.fullCommand || basename !== pattern.process)) return false;
    return pattern.parameters === null || parametersMatch(pattern.parameters, pattern.paramMatch, parameters);
  }
  const basename = pattern.process.slice(pattern.process.lastIndexOf('/') + 1);
  return name === basename.slice(0, LONGEST_NAME);
}

function parametersMatch(
  wanted: readonly string[],
  how: ProcessPattern['paramMatch'],
  actual: readonly string[],
): boolean {
  if (how === 'exact')
    return wanted.length === actual.length && wanted.every((word, i) => word === actual[i]);
  if (actual.length < wanted.length) return false;
  const last = wanted.length - 1;
  return wanted.every((word, i) =>
    how === 'initial' && i === last ? actual[i]!.startsWith(word) : word === actual[i],
  );
}

/** True when so many matching processes are a success. */
export function quorumMet({ quorum, quorumMax }: ProcessPattern, count: number): boolean {
  return count >= quorum && (quorumMax === null || count <= quorumMax);
}
