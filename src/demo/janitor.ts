/**
 * Cleans up after a demo that was killed with SIGKILL and could not do it itself: a shell that waits for the demo's
 * end of a pipe to close. Removes only what it was given by name.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** The programs in the namespaces die with the demo (their parent-death signal); what they started may need the kill. */
const SCRIPT = `trap '' INT TERM HUP
cat >/dev/null
directory=$1; shift
for namespace; do
  [ -e "/run/netns/$namespace" ] || continue
  for pid in $(ip netns pids "$namespace"); do kill -9 "$pid"; done
  ip netns del "$namespace"
done
rm -rf -- "$directory"`;

/**
 * @param directory removed with all that is in it
 * @returns lets it go: to be called when nothing is left to be removed
 */
export function startJanitor(namespaces: readonly string[], directory: string): () => void {
  const janitor = spawn('sh', ['-c', SCRIPT, 'memcache-ha-demo-janitor', directory, ...namespaces], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  janitor.on('error', () => {}); // without it only SIGKILL leaves something, and the next demo sweeps that up
  janitor.stdin.on('error', () => {});
  janitor.unref();
  (janitor.stdin as Socket).unref();
  return () => {
    if (janitor.pid === undefined) return;
    try {
      process.kill(-janitor.pid, 'SIGKILL'); // its whole group: the shell and what it runs
    } catch {
      // it has ended already
    }
  };
}
