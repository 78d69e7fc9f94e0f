/** Two hosts with one virtual address, each with keepalived or memcache-ha, and what can happen to them. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../../src/lab/host.ts';
import { createLab } from '../../../src/lab/namespaces.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import { startMemcached } from '../../../src/lab/programs.ts';
import { type Holding, watchHolding } from './holding.ts';
import type { InstanceSpec, Keywords, ScriptSpec } from './instance-spec.ts';
import { createNode, type NodeOptions, type Program, type VrrpNode } from './vrrp-node.ts';

export const VIP = '10.9.0.250';
const ADDRESSES = { a: '10.9.0.101', b: '10.9.0.102' };

/** How the pair speaks. */
export interface Setting {
  readonly name: string;
  readonly version: 2 | 3;
  /** `advert_int`, in seconds. */
  readonly interval: number;
  readonly password?: string;
  readonly unicast: boolean;
}

/** What a host is in the pair. */
export interface Role {
  /** Default BACKUP. */
  readonly state?: 'MASTER';
  readonly priority: number;
  readonly keywords?: Keywords;
}

/**
 * What both hosts check every second: a file that is there, or memcached, for which keepalived has the tutorials'
 * script and memcache-ha its own probe. Weight 0: a failure is a fault.
 */
export interface Probe {
  readonly what: 'file' | 'memcached';
  readonly weight: number;
}

export interface MixedPairOptions {
  readonly setting: Setting;
  readonly roles: Readonly<Record<'a' | 'b', Role>>;
  readonly programs: Readonly<Record<'a' | 'b', Program>>;
  readonly probe?: Probe | undefined;
}

export interface MixedPair {
  readonly setting: Setting;
  readonly a: Member;
  readonly b: Member;
  /** VRRP from neither host reaches the other. */
  part(): Promise<void>;
  heal(): Promise<void>;
  destroy(): Promise<void>;
}

export interface Member {
  readonly node: VrrpNode;
  /** Has this host the virtual address, and since when? */
  readonly holding: Holding;
  /** From now on what is checked fails. */
  failProbe(): Promise<void>;
  mendProbe(): Promise<void>;
}

/** Makes the lab; the nodes are not started yet. */
export async function createMixedPair(options: MixedPairOptions): Promise<MixedPair> {
  const lab = await createLab({ prefix: 'mhamixed' });
  const { a, b } = lab.hosts;
  try {
    const [onA, onB] = await Promise.all([member(a, 'a', options), member(b, 'b', options)]);
    return {
      setting: options.setting,
      a: onA,
      b: onB,
      part: async () => {
        await Promise.all([lab.block(a, b, { ipProtocol: 112 }), lab.block(b, a, { ipProtocol: 112 })]);
      },
      heal: async () => {
        await Promise.all([lab.unblock(a, b), lab.unblock(b, a)]);
      },
      destroy: lab.destroy,
    };
  } catch (error) {
    await lab.destroy();
    throw error;
  }
}

/** One instance of the pair on one host. */
export function pairInstance(setting: Setting, own: 'a' | 'b', role: Role): InstanceSpec {
  const peer = own === 'a' ? 'b' : 'a';
  return {
    name: 'VI_1',
    vrid: 51,
    version: setting.version,
    ...(role.state === undefined ? {} : { state: role.state }),
    priority: role.priority,
    interval: setting.interval,
    ...(setting.password === undefined ? {} : { password: setting.password }),
    ...(setting.unicast ? { source: ADDRESSES[own], peers: [ADDRESSES[peer]] } : {}),
    ...(role.keywords === undefined ? {} : { keywords: role.keywords }),
    vips: [VIP],
  };
}

async function member(host: Host, own: 'a' | 'b', options: MixedPairOptions): Promise<Member> {
  const { setting, roles, programs, probe } = options;
  const instance = pairInstance(setting, own, roles[own]);
  const check = probe === undefined ? null : await createCheck(host, probe, programs[own]);
  const node = createNode({ program: programs[own], host, instance, ...check?.options(instance) });
  const holding = await watchHolding(host, VIP);
  const unchecked = async (): Promise<never> => {
    throw new Error('this pair has no probe');
  };
  return {
    node,
    holding,
    failProbe: check?.fail ?? unchecked,
    mendProbe: check?.mend ?? unchecked,
  };
}

interface Check {
  options(instance: InstanceSpec): Partial<NodeOptions>;
  fail(): Promise<void>;
  mend(): Promise<void>;
}

async function createCheck(host: Host, { what, weight }: Probe, program: Program): Promise<Check> {
  const scripted = (script: readonly string[]): Check['options'] => {
    const spec: ScriptSpec = { name: 'probe', script, weight };
    return (instance) => ({ instance: { ...instance, scripts: ['probe'] }, scripts: [spec] });
  };
  if (what === 'file') {
    const file = join(host.directory, 'healthy');
    const mend = async () => writeFileSync(file, '');
    await mend();
    return {
      options: scripted(['/usr/bin/test', '-e', file]),
      fail: async () => rmSync(file),
      mend,
    };
  }
  let memcached: LabProcess = await startMemcached(host);
  const ours = {
    sections: { memcached: { local: { address: '127.0.0.1:11211', interval: 1, timeout: 0.5, rise: 1 } } },
    instance: { track_memcached: [{ name: 'local', weight }] },
  };
  return {
    options: program === 'keepalived' ? scripted([tutorialCheck(host)]) : () => ({ ours }),
    fail: async () => {
      memcached.kill('SIGKILL');
      await memcached.exited;
    },
    mend: async () => {
      memcached = await startMemcached(host);
    },
  };
}

/** A script that asks memcached for its `stats`, as the tutorials' check scripts do. */
function tutorialCheck(host: Host): string {
  const file = join(host.directory, 'check.sh');
  const ask =
    'exec 3<>/dev/tcp/127.0.0.1/11211 && printf "stats\\r\\nquit\\r\\n" >&3 && grep -q "STAT pid" <&3';
  writeFileSync(file, `#!/bin/bash\n${ask}\n`, { mode: 0o755 });
  return file;
}
