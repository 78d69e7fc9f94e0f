/**
 * What is done in a random drill, and what may be asked of the pair for it: a pure function of seed and index, so that any
 * drill can be done again by itself.
 */
import { createPrng } from '../../simulation/prng.ts';

/**
 * How a fault hurts: `copy` loses or hides the host's memcached, `daemon` keeps the host out of the election, `host` does
 * both, `split` lets the hosts not hear each other while clients hear both, `loss` that now and then and clients too, `proxy`
 * hangs unseen, `nothing` hurts nobody.
 */
type Hurt = 'copy' | 'daemon' | 'host' | 'split' | 'loss' | 'proxy' | 'nothing';

/** Every fault, and how often it is picked beside the others. */
export const FAULTS = {
  'memcached killed': { hurt: 'copy', weight: 3 },
  'memcached hangs': { hurt: 'copy', weight: 3 },
  'memcached restarted': { hurt: 'copy', weight: 2 },
  'proxy killed': { hurt: 'nothing', weight: 3 },
  'proxy hangs': { hurt: 'proxy', weight: 1 },
  'daemon SIGTERM': { hurt: 'daemon', weight: 3 },
  'daemon killed': { hurt: 'daemon', weight: 3 },
  'daemon killed, started at once': { hurt: 'daemon', weight: 3 },
  'daemon stopped and continued': { hurt: 'daemon', weight: 3 },
  drain: { hurt: 'daemon', weight: 3 },
  'link down': { hurt: 'host', weight: 2 },
  'interface down': { hurt: 'host', weight: 2 },
  'own address deleted': { hurt: 'host', weight: 2 },
  unplugged: { hurt: 'host', weight: 2 },
  'power off': { hurt: 'host', weight: 2 },
  'adverts blocked one way': { hurt: 'split', weight: 1 },
  'adverts blocked both ways': { hurt: 'split', weight: 1 },
  'all blocked one way': { hurt: 'split', weight: 1 },
  '30 % of frames lost': { hurt: 'loss', weight: 2 },
  'VIP deleted': { hurt: 'nothing', weight: 3 },
  'good reload': { hurt: 'nothing', weight: 3 },
  'bad reload': { hurt: 'nothing', weight: 2 },
} as const satisfies Record<string, { readonly hurt: Hurt; readonly weight: number }>;

export type Fault = keyof typeof FAULTS;
export type Role = 'master' | 'backup';

/** What the pair is like; each variant is a pair of its own. */
export const VARIANTS = ['preempt', 'nopreempt', 'warm'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Step {
  readonly fault: Fault;
  /** By the roles at the beginning of the drill. */
  readonly at: Role;
  /** Milliseconds after the beginning. */
  readonly after: number;
}

export interface Plan {
  readonly seed: number;
  readonly index: number;
  readonly variant: Variant;
  readonly steps: readonly Step[];
  /** Milliseconds from the last step until all is mended. */
  readonly hold: number;
  /** For the order in which things are mended. */
  readonly mendSeed: number;
}

const names = Object.keys(FAULTS) as Fault[];
const weighted = names.flatMap((name) => Array<Fault>(FAULTS[name].weight).fill(name));

/** Two thirds are one fault, the rest two: together, or one within the failover that the other one causes. */
export function planDrill(seed: number, index: number): Plan {
  const prng = createPrng(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const role = (): Role => (prng.chance(0.7) ? 'master' : 'backup');
  const first: Step = { fault: prng.pick(weighted), at: role(), after: 0 };
  const kind = prng.next();
  const steps = [first];
  if (kind > 0.66) {
    const after = kind > 0.83 ? prng.between(20, 600) : prng.between(0, 20);
    steps.push({ ...second(first, prng), after: Math.round(after) });
  }
  return {
    seed,
    index,
    variant: VARIANTS[index % VARIANTS.length]!,
    steps,
    hold: Math.round(prng.between(200, 1500)),
    mendSeed: prng.below(2 ** 31),
  };
}

function second(first: Step, prng: ReturnType<typeof createPrng>): Omit<Step, 'after'> {
  for (;;) {
    const step = { fault: prng.pick(weighted), at: prng.chance(0.5) ? 'master' : 'backup' } as const;
    const same = step.at === first.at;
    // A host without power has nothing else to lose, and nothing can be lost twice.
    if (same && (first.fault === 'power off' || step.fault === 'power off')) continue;
    if (same && first.fault.split(' ')[0] === step.fault.split(' ')[0]) continue;
    return step;
  }
}

/** What the pair owes its clients while the faults last. */
export interface Promised {
  /** Somebody answers. */
  readonly service: boolean;
  /** Reads return what was written last. */
  readonly data: boolean;
  /** At most one holder, but for the time that a lease may last or a handover takes. */
  readonly oneHolder: boolean;
}

export function promised({ steps }: Plan): Promised {
  const hurt = (at: Role): ReadonlySet<Hurt> =>
    new Set<Hurt>(steps.filter((step) => step.at === at).map(({ fault }) => FAULTS[fault].hurt));
  const [master, backup] = [hurt('master'), hurt('backup')];
  const out = (of: ReadonlySet<Hurt>) => of.has('copy') || of.has('daemon') || of.has('host');
  const copyLost = (of: ReadonlySet<Hurt>) => of.has('copy') || of.has('host');
  const either = (what: Hurt) => master.has(what) || backup.has(what);
  // What a killed proxy had still to send is the kernel's: cut off, it says it when it is heard again.
  const late = (['master', 'backup'] as const).some((at) => {
    const faults = steps.filter((step) => step.at === at).map(({ fault }) => fault);
    return faults.some((fault) => fault.includes('killed')) && hurt(at).has('host');
  });
  return {
    service: !(out(master) && out(backup)) && !either('proxy') && !either('loss'),
    // The other one's copy may be behind by what it missed when the first one is lost.
    data:
      !(copyLost(master) && copyLost(backup)) &&
      !late &&
      !either('split') &&
      !either('loss') &&
      !either('proxy'),
    oneHolder: !either('split') && !either('loss') && !either('host'),
  };
}

/** `seed 1 #12 preempt: daemon killed at master, +120 ms drain at backup, 640 ms`. */
export function describePlan({ seed, index, variant, steps, hold }: Plan): string {
  const all = steps.map(({ fault, at, after }) => `${after > 0 ? `+${after} ms ` : ''}${fault} at ${at}`);
  return `seed ${seed} #${index} ${variant}: ${all.join(', ')}, for ${hold} ms`;
}
