/**
 * Everything that is looked at before a drill is offered: the daemon, the pair, what is to be struck, where the client
 * asks. Throws Refusal with the reason and what to do; does nothing to anybody.
 */
import { randomBytes } from 'node:crypto';
import type { InstanceStatus, Status } from '../daemon/status.ts';
import { hereAt, look, peerAt, type Source } from './ask.ts';
import { consequences } from './consequences.ts';
import { type Expectation, expectationOf, type Role } from './faults.ts';
import { HERE, type HostLabel, instanceNamed, peerLabel, type Sight } from './hosts.ts';
import type { DrillOptions } from './options.ts';
import { pairTroubles } from './readiness.ts';
import { Refusal } from './refusal.ts';
import { sessionThrough } from './ssh.ts';
import { clientTarget, drillKey } from './target.ts';
import { findVictim, type Victim } from './victim.ts';

export interface PreparedDrill {
  readonly options: DrillOptions;
  /** This host as it was when it was asked. */
  readonly status: Status;
  readonly instance: InstanceStatus;
  readonly role: Role;
  readonly expectation: Expectation;
  readonly victim: Victim;
  /** This host first. */
  readonly sources: readonly Source[];
  readonly hosts: readonly {
    readonly label: HostLabel;
    readonly router_id: string;
    readonly address: string;
  }[];
  readonly target: string;
  readonly key: string;
  /** What a person should know beforehand. */
  readonly notes: readonly string[];
}

/** The part of the daemon's answer that tells of its peers; a daemon that knows none leaves it out. */
interface WithPeers {
  readonly peers?: readonly { readonly address: string }[];
}

const OPEN_IT =
  'let its metrics listen where this host reaches it (global_defs.metrics.listen: ADDRESS:9650 there, global_defs.metrics.peers: [ADDRESS:9650] here)';

export async function prepareDrill(options: DrillOptions): Promise<PreparedDrill> {
  const source = hereAt(options.control);
  const status = await source.ask().catch((error: Error) => {
    throw new Refusal(error.message);
  });
  const instance = chooseInstance(status, options.instance);
  const peers = peerSources(options, status);
  const sources = [source, ...peers];
  const sights = await Promise.all(sources.map(look));
  refuseUnseen(sights);
  const troubles = pairTroubles(sights, instance.name);
  if (troubles.length > 0) {
    throw new Refusal(`the pair is not well, and a drill needs it whole:\n  ${troubles.join('\n  ')}`);
  }
  const role = instance.state as Role;
  const target = options.target ?? clientTarget(status, instance);
  if (target === null)
    throw new Refusal(
      `${instance.name} has neither proxy nor memcached: say with --target where clients ask`,
    );
  return {
    options,
    status,
    instance,
    role,
    expectation: expectationOf(options.fault, role),
    victim: await findVictim(options, status, instance),
    sources,
    hosts: sights.map(({ label, status: said }, index) => ({
      label,
      router_id: said?.router_id ?? '',
      address: label === HERE ? '' : (peerUrls(options, status)[index - 1]?.host ?? ''),
    })),
    target,
    key: drillKey(randomBytes(6).toString('hex')),
    notes: [...consequences(options.fault, status, instance), ...(await remarks(options, instance, role))],
  };
}

function chooseInstance(status: Status, name: string | null): InstanceStatus {
  const names = status.instances.map((instance) => instance.name);
  if (name === null && names.length > 1)
    throw new Refusal(`this host has several instances: say --instance with one of ${names.join(', ')}`);
  const instance = instanceNamed(status, name ?? names[0] ?? '');
  if (instance === null)
    throw new Refusal(`there is no instance ${name ?? ''}; this host has ${names.join(', ') || 'none'}`);
  return instance;
}

function peerUrls({ peers, blind }: DrillOptions, status: Status): URL[] {
  if (peers.length > 0) return [...peers];
  return blind
    ? []
    : ((status as WithPeers).peers ?? []).map(({ address }) => new URL(`http://${address}/status`));
}

function peerSources(options: DrillOptions, status: Status): Source[] {
  const urls = peerUrls(options, status);
  if (urls.length === 0 && !options.blind) {
    throw new Refusal(
      `this host knows of no other one that could take over. If there is one, ${OPEN_IT}, or say --peer HOST:PORT; --blind drills without seeing it`,
    );
  }
  return urls.map((url, index) => peerAt(peerLabel(index, urls.length), url));
}

/** A peer that gives no answer is the first thing to mend. */
function refuseUnseen(sights: readonly Sight[]): void {
  const unseen = sights.filter(({ label, status }) => label !== HERE && status === null);
  if (unseen.length === 0) return;
  const list = unseen.map(({ label, detail }) => `${label} cannot be seen: ${detail}`);
  throw new Refusal(
    `${list.join('\n  ')}\n  If it is up, ${OPEN_IT}, or say --peer HOST:PORT; --blind drills without seeing it`,
  );
}

async function remarks(
  { fault, blind }: DrillOptions,
  instance: InstanceStatus,
  role: Role,
): Promise<string[]> {
  const list: string[] = [];
  if (blind) {
    list.push(
      role === 'MASTER'
        ? 'blind: whether anybody is ready to take over is not known; if nobody is, clients are cut off until this is undone'
        : 'blind: the MASTER is not watched, only felt through the virtual address',
    );
  }
  if (fault === 'cut-link' && (await sessionThrough(instance.interface)))
    list.push(
      `your ssh session goes through ${instance.interface}: it stands still until the link is up again`,
    );
  return list;
}
