/** What goes over the wire, byte for byte as keepalived sends it: the same configuration, the same host, one after the other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { startDaemon } from './support/daemon.ts';

interface Instance {
  readonly name: string;
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly priority: number;
  readonly interval: number;
  readonly password?: string;
  readonly peers?: readonly string[];
  readonly vips: readonly string[];
}

const INSTANCES: readonly Instance[] = [
  {
    name: 'PASS',
    vrid: 51,
    version: 2,
    priority: 100,
    interval: 1,
    password: '1111',
    vips: ['10.9.0.250'],
  },
  {
    name: 'PASS_CUT',
    vrid: 110,
    version: 2,
    priority: 150,
    interval: 1,
    password: 'flaginfoOfMore',
    vips: ['10.9.0.5'],
  },
  {
    name: 'NO_AUTH',
    vrid: 1,
    version: 2,
    priority: 254,
    interval: 1,
    vips: ['10.9.0.20', '10.9.0.21', '10.9.0.22'],
  },
  { name: 'V3', vrid: 255, version: 3, priority: 200, interval: 0.5, vips: ['10.9.0.30', '10.9.0.31'] },
  {
    name: 'UNICAST',
    vrid: 7,
    version: 2,
    priority: 101,
    interval: 1,
    password: 'a b',
    peers: ['10.9.0.102'],
    vips: ['10.9.0.40'],
  },
  {
    name: 'V3_UNICAST',
    vrid: 8,
    version: 3,
    priority: 102,
    interval: 1,
    peers: ['10.9.0.102', '10.9.0.10'],
    vips: ['10.9.0.41'],
  },
];

/** keepalived.conf */
function keepalivedConf({
  name,
  vrid,
  version,
  priority,
  interval,
  password,
  peers,
  vips,
}: Instance): string {
  const auth =
    password === undefined ? '' : `authentication {\n auth_type PASS\n auth_pass "${password}"\n }`;
  const unicast =
    peers === undefined ? '' : `unicast_src_ip 10.9.0.101\n unicast_peer {\n ${peers.join('\n ')}\n }`;
  return `vrrp_instance ${name} {
 state BACKUP
 interface eth0
 version ${version}
 virtual_router_id ${vrid}
 priority ${priority}
 advert_int ${interval}
 ${auth}
 ${unicast}
 virtual_ipaddress {
 ${vips.join('\n ')}
 }
}
`;
}

function ours({ vrid, version, priority, interval, password, peers, vips }: Instance) {
  return {
    interface: 'eth0',
    version,
    virtual_router_id: vrid,
    priority,
    advert_int: interval,
    ...(password === undefined ? {} : { authentication: { auth_type: 'PASS', auth_pass: password } }),
    ...(peers === undefined ? {} : { unicast_src_ip: '10.9.0.101', unicast_peer: peers }),
    virtual_ipaddress: vips,
  };
}

/** The IP identification, and the IP checksum which changes with it, are each sender's own. */
function masked(hex: string): string {
  return hex.slice(24, 28) === '0800'
    ? `${hex.slice(0, 36)}....${hex.slice(40, 48)}....${hex.slice(52)}`
    : hex;
}

/** Each different frame once, and how many of the gratuitous ARPs there were for one takeover. */
interface Wire {
  readonly adverts: readonly string[];
  readonly arps: readonly string[];
  readonly complaints: readonly string[];
}

/** What `speaker` sends from its start over its takeovers to its end. */
async function record(
  lab: Lab<'a' | 'b'>,
  speaker: (host: Host) => Promise<{ stop(): Promise<unknown> }>,
): Promise<Wire> {
  const { a } = lab.hosts;
  await a.powerOn();
  const capture = await startCapture(a, { filter: `ether src ${a.mac} and (arp or ip proto 112)` });
  const running = await speaker(a);
  for (const { vrid, vips } of INSTANCES) {
    await capture.waitFrames(`ip proto 112 and ip[21] = ${vrid}`, 2, 12_000);
    for (const vip of vips) await capture.waitFrames(`arp src host ${vip}`, 5);
  }
  await running.stop();
  await capture.stop();
  const once = async (filter: string) =>
    [...new Set((await capture.frames(filter)).map(({ hex }) => masked(hex)))].sort();
  return {
    adverts: await once('ip proto 112'),
    arps: await once('arp and arp[24:4] = arp[14:4]'),
    complaints: await capture.complaints('vrrp'),
  };
}

describe('the frames of six instances', () => {
  let lab: Lab<'a' | 'b'>;
  let theirs: Wire;
  let mine: Wire;
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhawire' });
    theirs = await record(lab, (host) =>
      startKeepalived(host, `global_defs {\n router_id LAB\n}\n${INSTANCES.map(keepalivedConf).join('')}`),
    );
    mine = await record(lab, async (host) => {
      const instances = Object.fromEntries(INSTANCES.map((instance) => [instance.name, ours(instance)]));
      return (await startDaemon(host, { vrrp_instance: instances })).process;
    });
  });
  afterAll(() => lab.destroy());

  test('keepalived is heard in all of them, so that there is something to compare with', () => {
    // One advert and one priority 0 for each instance and peer, and one ARP for each address.
    expect(theirs.adverts).toHaveLength(14);
    expect(theirs.arps).toHaveLength(9);
  });
  test('adverts and resignations are the same', () => expect(mine.adverts).toEqual(theirs.adverts));
  test('gratuitous ARPs are the same', () => expect(mine.arps).toEqual(theirs.arps));
  test('tshark finds no fault in ours', () => expect(mine.complaints).toEqual([]));
});
