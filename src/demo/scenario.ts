/** The demo's acts in their order, with what must be seen in each. Owns the story; the machinery is in chapter.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lab/await.ts';
import { startClient } from '../lab/client.ts';
import type { Lab } from '../lab/namespaces.ts';
import { ask } from '../lab/programs.ts';
import { type Chapter, DemoFailure, play, type Scene, verify } from './chapter.ts';
import type { Expected, Wanted } from './checks.ts';
import type { Kind, Moment } from './moment.ts';
import {
  KEY,
  type Label,
  MEMCACHED_PORT,
  masterDownInterval,
  PROXY_PORT,
  skewTime,
  VALUE,
  VIP,
} from './settings.ts';

const TARGET = `${VIP}:${PROXY_PORT}`;
const BOTH: readonly Label[] = ['A', 'B'];

/** A takeover as every host that takes over must show it. */
const takeover = (by: Label): Wanted[] => [
  [by, 'master'],
  [by, 'vip-on'],
  [by, 'proxy-listens'],
  [by, 'hook'],
];
const release = (by: Label): Wanted[] => [
  [by, 'vip-off'],
  [by, 'proxy-stopped'],
];
const takeoverOnWire = (by: Label): Wanted[] => [
  [by, 'advertises'],
  [by, 'arp'],
];
const healthy: Expected = { master: 'A', other: 'BACKUP', memcached: BOTH };

/** @param program the words that run memcache-ha, for its hidden client */
export async function playAll(scene: Scene, lab: Lab, program: readonly string[]): Promise<void> {
  await play(scene, election(scene));
  await beginAsking(scene, lab, program);
  await play(scene, memcachedKilled(scene));
  await writeThroughVip(scene, lab);
  await play(scene, memcachedBack(scene));
  await readFromA(scene, lab);
  await play(scene, proxyKilled(scene));
  await play(scene, plugPulled(scene));
  await play(scene, powerBack(scene));
  await play(scene, plannedStop(scene));
}

/** Both daemons start; as in the tutorial the one with the higher priority is MASTER. */
function election({ hosts: { A, B } }: Scene): Chapter {
  return {
    title: 'Both daemons start and elect a MASTER',
    waiting: `the first election takes 3 x advert_int + Skew_Time, ${masterDownInterval('A')} ms`,
    act: async () => {
      // The two differ by 4 ms of Skew_Time: a B that came up sooner would be MASTER for a moment.
      A.startDaemon();
      await until(
        'A is BACKUP',
        () => A.broken() !== null || A.moments.some(({ kind }) => kind === 'backup'),
      );
      B.startDaemon();
    },
    acted: 'starts memcache-ha on A (priority 100), then on B (99)',
    wanted: [...takeover('A'), ['B', 'backup']],
    wantedOnWire: takeoverOnWire('A'),
    expected: healthy,
    patience: 10_000,
  };
}

/** The client writes its key through the VIP, and from then on reads it every millisecond. */
async function beginAsking(scene: Scene, lab: Lab, program: readonly string[]): Promise<void> {
  const { print, style } = scene;
  print('');
  print(style.dim(`   a client sets ${KEY} at ${TARGET} and reads it every ms ...`));
  const client = startClient(lab.client, {
    target: TARGET,
    command: [...program, 'lab-client'],
    key: KEY,
    value: VALUE,
    duration: 600,
  });
  await client.started;
  await sleep(500);
  const { longestGap } = await client.standing();
  verify(scene, longestGap < 500, 'the client is answered through the VIP');
  scene.client = client;
}

function memcachedKilled({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'memcached dies on the MASTER',
    waiting: `kill -9; the proxy goes on with B's copy, B may take over after its Skew_Time, ${skewTime('B')} ms`,
    act: () => A.killMemcached(),
    acted: 'kill -9 of memcached on A',
    wanted: [['A', 'memcached-down'], ['A', 'fault'], ...takeover('B'), ...release('A'), ['A', 'hook']],
    wantedOnWire: [['A', 'resigns'], ...takeoverOnWire('B')],
    expected: { master: 'B', other: 'FAULT', memcached: ['B'] },
    longestGap: 500,
    patience: 10_000,
  };
}

/** Writing works too, at the new MASTER. */
async function writeThroughVip(scene: Scene, lab: Lab): Promise<void> {
  const stored = await ask(lab.client, TARGET, `set after-failover 0 0 4\r\nnew!`);
  const read = await ask(lab.client, TARGET, 'get after-failover');
  const good = stored === 'STORED' && read === 'VALUE after-failover 0 4\nnew!\nEND';
  if (good) scene.print('  A new key written through the VIP is stored and read back at B.');
  verify(scene, good, `a write through the VIP: ${stored}, read back: ${read}`);
}

function memcachedBack({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'memcached comes back on A, and A preempts',
    waiting: 'refilled from B first; then the Master_Down_Interval, about 5 s in all',
    act: () => A.startMemcached(),
    acted: 'starts memcached on A, empty',
    wanted: [['A', 'memcached-up'], ...takeover('A'), ['B', 'backup'], ...release('B'), ['B', 'hook']],
    wantedOnWire: takeoverOnWire('A'),
    expected: healthy,
    longestGap: 500,
    patience: 12_000,
  };
}

/** What A's memcached, which came back empty, holds now is from B. */
async function readFromA(scene: Scene, lab: Lab): Promise<void> {
  const { A } = scene.hosts;
  const read = await ask(lab.client, `${A.host.address}:${MEMCACHED_PORT}`, 'get after-failover');
  const good = read === 'VALUE after-failover 0 4\nnew!\nEND';
  if (good) scene.print("  A's memcached came back empty, and holds what was written at B meanwhile.");
  verify(scene, good, `A's memcached was refilled: ${read}`);
}

function proxyKilled({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'The proxy dies on the MASTER',
    waiting: 'kill -9; the daemon starts it again, and nobody is elected',
    act: () => A.killProxy(),
    acted: 'kill -9 of the proxy on A',
    wanted: [
      ['A', 'proxy-died'],
      ['A', 'proxy-listens'],
      ['client', 'answers-again'],
    ],
    wantedOnWire: [],
    noElection: true,
    expected: healthy,
    longestGap: 500,
    patience: 5000,
  };
}

function plugPulled({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'The plug of the MASTER is pulled',
    waiting: `no last word: B waits its Master_Down_Interval, up to ${masterDownInterval('B')} ms`,
    act: () => A.powerOff(),
    acted: 'A has no power: nothing runs there, nothing is sent',
    wanted: [...takeover('B'), ['client', 'answers-again']],
    wantedOnWire: takeoverOnWire('B'),
    expected: { master: 'B', other: null, memcached: ['B'] },
    longestGap: masterDownInterval('B') + 600,
    patience: 10_000,
  };
}

/** Power on: memcached and the daemon start as at boot. */
function powerBack({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'A boots again',
    waiting: 'memcached and the daemon start, A preempts, about 4 s',
    act: async () => {
      await A.powerOn();
      await A.startMemcached();
      A.startDaemon();
    },
    acted: 'A has power again; memcached and memcache-ha start',
    wanted: [...takeover('A'), ['B', 'backup'], ...release('B')],
    wantedOnWire: takeoverOnWire('A'),
    expected: healthy,
    longestGap: 500,
    patience: 12_000,
    brief: true,
  };
}

/** For `--keep`: A's daemon starts again after its planned stop. */
export async function backInService(scene: Scene): Promise<void> {
  const { A } = scene.hosts;
  scene.client = null;
  await play(scene, {
    title: 'A is started again',
    waiting: `A preempts after its Master_Down_Interval, ${masterDownInterval('A')} ms`,
    act: () => A.startDaemon(),
    acted: 'starts memcache-ha on A',
    wanted: [...takeover('A'), ['B', 'backup'], ...release('B')],
    wantedOnWire: takeoverOnWire('A'),
    expected: healthy,
    patience: 10_000,
    brief: true,
  });
}

function plannedStop({ hosts: { A } }: Scene): Chapter {
  return {
    title: 'A is stopped for maintenance',
    waiting: `SIGTERM, as systemctl stop sends it; A serves on until B has taken over, ${skewTime('B')} ms`,
    act: () => A.stopDaemon(),
    acted: 'SIGTERM to the daemon on A',
    wanted: [['A', 'stopping'], ...takeover('B'), ...release('A'), ['A', 'stopped']],
    wantedOnWire: [['A', 'resigns'], ...takeoverOnWire('B')],
    expected: { master: 'B', other: null, memcached: BOTH },
    longestGap: 500,
    patience: 10_000,
  };
}

/** After the last act: what ran beside it. @throws DemoFailure when the client died meanwhile */
export async function epilogue(scene: Scene): Promise<void> {
  const { hosts, client, felt, print, style } = scene;
  if (client === null) throw new DemoFailure('there never was a client');
  const summary = await client.stop();
  const { requests, answers, misses } = summary;
  print('');
  print(style.bold('== What the client felt'));
  const width = Math.max(...felt.map(({ title }) => title.length));
  for (const one of felt) print(`  ${one.title.padEnd(width)}  ${one.felt.padStart(14)} without an answer`);
  print(
    `  In all the client asked ${requests} times: ${answers} right answers, ${misses} misses, ${requests - answers - misses} times none.`,
  );
  verify(scene, misses === 0, `no misses: ${misses}`);
  for (const label of BOTH) {
    const ran = hosts[label].hooksRun();
    const states = statesOf(hosts[label].moments);
    print(`  The hooks that ran on ${label}: ${ran}.`);
    verify(scene, ran === states, `hooks on ${label}: the states were ${states}; ran: ${ran}`);
  }
}

const HOOKS: Partial<Record<Kind, string>> = {
  master: 'Master',
  backup: 'Backup',
  fault: 'Fault',
  stop: 'Stop',
};

/** The states that a host went through, by the names of their hooks. */
function statesOf(moments: readonly Moment[]): string {
  return moments.flatMap(({ kind }) => HOOKS[kind] ?? []).join(' ');
}
