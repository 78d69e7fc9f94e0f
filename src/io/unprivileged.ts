/**
 * How programs are started that are none of the daemon's own: without the rights that it has beside those of its user (a
 * program inherits ambient capabilities, an ordinary user's right to change the network among them), and no sooner
 * scheduled than others.
 */
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';

/** Arguments of setpriv(1) that leave a program what its user may do, and nothing else. */
export const WITHOUT_CAPABILITIES: readonly string[] = ['--inh-caps=-all', '--ambient-caps=-all'];

/** What setpriv(1) and nice(1) end with when there is no such program, and when it cannot be run. */
const ENDS: Readonly<Record<number, string>> = { 127: 'ENOENT', 126: 'EACCES' };

/** The words that go in front of a command; none where the daemon has no such rights. */
export function unprivileged(): readonly string[] {
  const niceness = getPriority();
  return [
    ...(niceness < 0 ? ['nice', '-n', String(-niceness)] : []),
    ...(hasAmbientCapabilities() ? ['setpriv', ...WITHOUT_CAPABILITIES, '--'] : []),
  ];
}

/**
 * Why the program itself did not run, as errno(3) has it, when what ended were the words in front of it: told by the code
 * and their one line of output, because a program may end with the same code. Null: it ran.
 */
export function whyNotRun(words: readonly string[], code: number | null, output: string): string | null {
  const speaks = words.some((word) => output.startsWith(`${word}: `));
  return speaks && code !== null ? (ENDS[code] ?? null) : null;
}

function hasAmbientCapabilities(): boolean {
  const match = /^CapAmb:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return BigInt(`0x${match?.[1] ?? '0'}`) !== 0n;
}
