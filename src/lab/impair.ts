/**
 * A network that is not whole: lost and late frames at one port, partitions between two. Owns the filters on the
 * switch's ports; loss and partitions need nothing of the kernel but cls_bpf, delay needs sch_netem.
 */
import { dropFrom, dropShare } from './frame-filter.ts';
import { namespacePath } from './remains.ts';
import { run } from './run.ts';

export interface Impairment {
  /** Probability of losing a frame, 0..1, in each direction. */
  readonly loss?: number;
  /** Milliseconds that frames towards the host are late. */
  readonly delay?: number;
}

/** What could not be done, e.g. a delay on a kernel without netem; empty when all of it is in force. */
export interface ImpairmentResult {
  readonly missing: readonly string[];
}

/** The loss filter is asked before the partitions' filters, whose preferences begin here. */
const LOSS_PREFERENCE = 1;
const BLOCK_PREFERENCE = 100;

function tc(switchNamespace: string, words: readonly string[], allowFailure = false) {
  return run(['nsenter', `--net=${namespacePath(switchNamespace)}`, '--', 'tc', ...words], { allowFailure });
}

async function setFilter(
  switchNamespace: string,
  port: string,
  direction: 'ingress' | 'egress',
  preference: number,
  program: string | null,
): Promise<void> {
  const where = ['dev', port, direction, 'pref', String(preference)];
  await tc(switchNamespace, ['qdisc', 'replace', 'dev', port, 'clsact']);
  // Deleting what is not there fails, and is what was wanted.
  await tc(switchNamespace, ['filter', 'del', ...where], true);
  if (program === null) return;
  const filter = ['protocol', 'all', 'bpf', 'bytecode', program, 'direct-action'];
  await tc(switchNamespace, ['filter', 'add', ...where, ...filter]);
}

/** Puts exactly this impairment on a port in place of the one before. */
export async function impairPort(
  switchNamespace: string,
  port: string,
  { loss = 0, delay = 0 }: Impairment,
): Promise<ImpairmentResult> {
  const program = loss > 0 ? dropShare(loss) : null;
  for (const direction of ['ingress', 'egress'] as const) {
    await setFilter(switchNamespace, port, direction, LOSS_PREFERENCE, program);
  }
  await tc(switchNamespace, ['qdisc', 'del', 'dev', port, 'root'], true);
  if (delay <= 0) return { missing: [] };
  const netem = await tc(
    switchNamespace,
    ['qdisc', 'add', 'dev', port, 'root', 'netem', 'delay', `${delay}ms`],
    true,
  );
  return { missing: netem.code === 0 ? [] : [`delay: this kernel has no netem (${netem.stderr.trim()})`] };
}

/** Who is not heard by whom. */
export interface Direction {
  readonly fromMac: string;
  /** A number 0..255 of the sender, unique in the lab: one filter for each sender. */
  readonly fromNumber: number;
  readonly toPort: string;
}

/** Drops what one host sends on its way to another, or only one IPv4 protocol of it; `null` ends it. */
export async function blockDirection(
  switchNamespace: string,
  direction: Direction,
  block: { readonly ipProtocol?: number } | null,
): Promise<void> {
  const program = block === null ? null : dropFrom(direction.fromMac, block.ipProtocol);
  const preference = BLOCK_PREFERENCE + direction.fromNumber;
  await setFilter(switchNamespace, direction.toPort, 'egress', preference, program);
}
