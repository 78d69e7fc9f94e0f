/** Pairs for the page to draw: well, in trouble, alone, many routers, and one that means harm. */
import type { HostHistory } from '../../../src/daemon/host-history.ts';
import type { HostView, PairView } from '../../../src/daemon/pair-view.ts';
import type { ProbeSample } from '../../../src/daemon/probe-times.ts';
import { problemsOf } from '../../../src/daemon/problems.ts';
import type { InstanceStatus, Status } from '../../../src/daemon/status.ts';
import { INSTANCE, PEER, pairOf, STATUS, withInstance } from '../../unit/daemon/sample-status.ts';

export const NOW = Date.parse('2026-01-02T03:00:00.000Z');
const at = (minutesAgo: number): string => new Date(NOW - minutesAgo * 60_000).toISOString();

type Step = readonly [minutesAgo: number, from: string, to: string, reason: string, detail: string];
const transitionsOf = (steps: readonly Step[]): InstanceStatus['transitions'] =>
  steps.map(
    ([ago, from, to, reason, detail]) =>
      ({ at: at(ago), from, to, reason, detail }) as InstanceStatus['transitions'][number],
  );

const ON_A = transitionsOf([
  [9, 'BACKUP', 'MASTER', 'preempt', 'last master 10.9.0.2 with priority 100'],
  [9.1, 'FAULT', 'BACKUP', 'recovered', 'master 10.9.0.2 with priority 100'],
  [21, 'MASTER', 'FAULT', 'memcached_down', 'memcached local: connection refused'],
  [48, 'BACKUP', 'MASTER', 'master_down', ''],
  [48.07, 'INIT', 'BACKUP', 'startup', ''],
]);
const ON_B = transitionsOf([
  [9, 'MASTER', 'BACKUP', 'higher_priority_master', 'master 10.9.0.1 with priority 150'],
  [21, 'BACKUP', 'MASTER', 'master_resigned', 'last master 10.9.0.1 with priority 150'],
  [47, 'INIT', 'BACKUP', 'startup', ''],
]);

/** Five minutes of them, the same in every run. */
function probes(base: number, failed: readonly number[]): ProbeSample[] {
  return Array.from({ length: 300 }, (_, index) => {
    const wave = Math.abs(Math.sin(index * 12.9898) * 43758.5453) % 1;
    const ms = base + wave * base + (wave > 0.97 ? base * 8 : 0);
    return [NOW - (299 - index) * 1000, failed.includes(index) ? null : Math.round(ms * 1000) / 1000];
  });
}

function historyOf(
  transitions: InstanceStatus['transitions'],
  takeovers: readonly (readonly [number, number])[],
  samples: readonly ProbeSample[],
): HostHistory {
  return {
    now: at(0),
    instances: [
      { name: 'VI_1', transitions, takeovers: takeovers.map(([ago, ms]) => ({ at: at(ago), ms })) },
    ],
    memcached: [{ name: 'local', probes: samples }],
  };
}

const whole = STATUS.proxies.map((proxy) => ({
  ...proxy,
  refill: null,
  copies: proxy.copies.map((copy) => ({ ...copy, whole: true })),
}));
export const A: Status = {
  ...withInstance({ since: at(9), transitions: ON_A }),
  proxies: whole,
  started: at(48.1),
};
export const B: Status = {
  ...PEER,
  ...{ started: at(47), instances: [{ ...PEER.instances[0]!, since: at(9), transitions: ON_B }] },
  memcached: [{ ...PEER.memcached[0]!, address: '10.9.0.2:11211', probe_seconds: 0.0006 }],
};
const A_HISTORY = historyOf(ON_A, [[9, 4.2], [48, 11.6]], probes(0.35, [])); // biome-ignore format: a table
const B_HISTORY = historyOf(ON_B, [[21, 7.9]], probes(0.5, [120, 121, 122]));

export function viewOf(own: Status, history: HostHistory, ...peers: readonly HostView[]): PairView {
  const pair = pairOf(own, ...peers.map(({ status, detail }) => status ?? detail));
  return {
    now: NOW,
    problems: problemsOf(pair, NOW),
    hosts: [{ address: null, detail: '', status: own, history, clockAhead: 0 }, ...peers],
  };
}

const peer = (status: Status | null, history: HostHistory | null, detail = ''): HostView => ({
  address: '10.9.0.2:9650',
  ...{ status, history, detail, clockAhead: 0 },
});

export const WELL = viewOf(A, A_HISTORY, peer(B, B_HISTORY));

export const ALONE = viewOf(A, A_HISTORY, peer(null, null, 'connection refused'));

/** B serves; A has lost its memcached, and its copy is being refilled. */
export const TROUBLE = viewOf(
  {
    ...withInstance(
      {
        state: 'FAULT',
        since: at(0.5),
        master: { address: '10.9.0.2', priority: 100, self: false },
        virtual_addresses: [{ address: '10.9.0.250', held: false, conflict: null }],
        faults: [{ kind: 'memcached', name: 'local', detail: 'connection refused' }],
        transitions: [
          {
            at: at(0.5),
            from: 'MASTER',
            to: 'FAULT',
            reason: 'memcached_down',
            detail: 'memcached local: connection refused',
          },
          ...ON_A,
        ],
      },
      A,
    ),
    memcached: [{ ...A.memcached[0]!, status: 'down', detail: 'connection refused', copy: 'unknown' }],
    proxies: whole.map((proxy) => ({ ...proxy, up: false, pid: null, copies: [] })),
  },
  historyOf(
    transitionsOf([[0.5, 'MASTER', 'FAULT', 'memcached_down', 'memcached local: connection refused']]).concat(
      ON_A,
    ),
    [[9, 4.2], [48, 11.6]], // biome-ignore format: a table
    probes(
      0.35,
      Array.from({ length: 30 }, (_, index) => 270 + index),
    ),
  ),
  peer(
    {
      ...B,
      instances: [
        {
          ...B.instances[0]!,
          ...{ state: 'MASTER', since: at(0.5), priority: 100 },
          master: { address: '10.9.0.2', priority: 100, self: true },
          virtual_addresses: [{ address: '10.9.0.250', held: true, conflict: null }],
          transitions: [
            { at: at(0.5), from: 'BACKUP', to: 'MASTER', reason: 'master_resigned', detail: '' },
            ...ON_B,
          ],
        },
      ],
      proxies: STATUS.proxies,
    },
    historyOf(
      transitionsOf([
        [0.5, 'BACKUP', 'MASTER', 'master_resigned', 'last master 10.9.0.1 with priority 150'],
      ]).concat(ON_B),
      [[0.5, 5.1], [21, 7.9]], // biome-ignore format: a table
      probes(0.5, []),
    ),
  ),
);

/** Names and details that would be markup, scripts or very long. */
export const HARM = `"><img src=x onerror="document.title='pwned'"><script>alert(1)</script>&amp;'${'x'.repeat(300)}`;
export const HARMFUL = viewOf(
  {
    ...withInstance(
      { name: HARM, interface: HARM, faults: [{ kind: 'script', name: HARM, detail: HARM }] },
      A,
    ),
    router_id: HARM,
  },
  { ...A_HISTORY, instances: A_HISTORY.instances.map((instance) => ({ ...instance, name: HARM })) },
  peer(
    {
      ...B,
      router_id: HARM,
      version: HARM,
      instances: [{ ...B.instances[0]!, name: HARM, state: HARM as InstanceStatus['state'] }],
      memcached: [{ ...B.memcached[0]!, name: HARM, version: HARM, copy: HARM }],
    },
    { ...B_HISTORY, instances: B_HISTORY.instances.map((instance) => ({ ...instance, name: HARM })) },
  ),
);

/** Three virtual routers, of which each host serves some. */
const routers = (status: Status, states: readonly InstanceStatus['state'][]): Status => ({
  ...status,
  instances: states.map((state, index) => ({
    ...INSTANCE,
    ...{ name: `VI_${index + 1}`, virtual_router_id: 51 + index, state, since: at(9) },
    virtual_addresses: [{ address: `10.9.0.${240 + index}`, held: state === 'MASTER', conflict: null }],
    transitions: [],
  })),
});
export const MANY = viewOf(
  routers(A, ['MASTER', 'MASTER', 'BACKUP']),
  A_HISTORY,
  peer(routers(B, ['BACKUP', 'BACKUP', 'MASTER']), B_HISTORY),
);
