/**
 * What keeps a guest on this machine: its disk (an overlay on the image, in memory), its control groups, and nspawn, once
 * for each boot. Owns that nothing of it is left, however the owner ends: the disk is mounted in a namespace that the
 * kernel drops with its last process, and a shell that outlives us for a moment removes the control groups.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/await.ts';
import { type LabProcess, spawnIn } from '../../../src/lab/process.ts';

const GROUPS = '/sys/fs/cgroup';

/**
 * Ends what it holds when it is told to or its owner dies, then removes the control groups. Whoever read its words may be
 * gone by then, and a word to nobody would end it. Arguments: groups, command.
 */
const OUTER = `groups=$1; shift
exec 3<&0
trap 'exec 2>/dev/null; kill -KILL "$held"' TERM
mkdir -p $groups
setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child --mount-proc -- "$@" <&3 &
held=$!
while kill -0 "$held" 2>/dev/null; do wait "$held"; done
for attempt in $(seq 100); do
  find $groups -depth -type d -exec rmdir {} + 2>/dev/null
  ls -d $groups >/dev/null 2>&1 || break
  sleep 0.05
done`;

/** Makes the disk, then boots once for each line on stdin. Arguments: groups, image, disk, host name, console, nspawn's. */
const INNER = `set -eu
groups=$1 image=$2 disk=$3 name=$4 console=$5; shift 5
mount -t tmpfs -o mode=755 tmpfs "$disk"
mkdir "$disk/upper" "$disk/work" "$disk/root"
mount -t overlay -o "lowerdir=$image,upperdir=$disk/upper,workdir=$disk/work" overlay "$disk/root"
echo "$name" >"$disk/root/etc/hostname"
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$name" >"$disk/root/etc/hosts"
echo ready
while read -r _; do
  code=0
  (
    for group in $groups; do echo 0 >"$group/cgroup.procs"; done
    exec systemd-nspawn -D "$disk/root" "$@" </dev/null >>"$console" 2>&1
  ) || code=$?
  echo "off $code"
done`;

export interface Holding {
  /** Unique on this machine: what the control groups are called. */
  readonly name: string;
  readonly hostname: string;
  readonly image: string;
  /** An empty directory. */
  readonly disk: string;
  /** The file for what the guest's console says. */
  readonly console: string;
  /** Arguments of systemd-nspawn. */
  readonly nspawn: readonly string[];
}

export interface Holder {
  readonly process: LabProcess;
  /** Boots; `ended` resolves with nspawn's exit code when the guest is off. */
  boot(): { readonly ended: Promise<number> };
  /** Ends the guest at once and drops its disk. */
  destroy(): Promise<void>;
}

/** Resolves when the disk is there. @throws Error with what stood in the way */
export async function hold(holding: Holding): Promise<Holder> {
  const groups = hierarchies()
    .map((hierarchy) => join(hierarchy, holding.name))
    .join(' ');
  const { image, disk, hostname, console, nspawn } = holding;
  const inner = ['sh', '-c', INNER, 'guest', groups, image, disk, hostname, console, ...nspawn];
  const process = spawnIn('/proc/self/ns/net', [
    ...['setpriv', '--pdeathsig', 'TERM', '--', 'sh', '-c', OUTER, 'holder', groups, ...inner],
  ]);
  let boots = 0;
  let ends = 0;
  const waiting = new Map<number, (code: number) => void>();
  process.stdout.onLine(({ text }) => {
    if (!text.startsWith('off ')) return;
    ends += 1;
    waiting.get(ends)?.(Number(text.slice(4)));
  });
  await until(
    `there is a disk for ${hostname}`,
    () => !process.running() || process.stdout.lines.length > 0,
    {
      timeout: 60_000,
    },
  );
  if (!process.running()) throw new Error(`no disk for ${hostname}: ${process.stderr.text()}`);
  return {
    process,
    boot: () => {
      boots += 1;
      const number = boots;
      const ended = new Promise<number>((resolve) => waiting.set(number, resolve));
      process.stdin.write('boot\n');
      return { ended };
    },
    destroy: async () => {
      await process.stop(10_000);
    },
  };
}

/** Version 2 alone is mounted at the root; beside version 1, systemd's two hierarchies have directories of their own. */
function hierarchies(): string[] {
  const found = [GROUPS, join(GROUPS, 'systemd'), join(GROUPS, 'unified')].filter((one) =>
    existsSync(join(one, 'cgroup.procs')),
  );
  if (found.length === 0)
    throw new Error(`${GROUPS} has no control groups that systemd could use: no guest boots here`);
  return found[0] === GROUPS ? [GROUPS] : found;
}
