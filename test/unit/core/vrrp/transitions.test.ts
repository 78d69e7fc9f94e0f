/** The handover (make before break): begin, end by an advertisement, by its deadline, by the link or by the lease. */
import { describe, expect, test } from 'vitest';
import type { Handover, State } from '../../../../src/core/vrrp/state.ts';
import { faultReason } from '../../../../src/core/vrrp/transitions.ts';
import {
  advert,
  backup,
  fault,
  handover,
  inFault,
  NEVER,
  NOW,
  RELEASE,
  type Row,
  ready,
  steps,
  stopped,
  unfit,
} from './table.ts';

const DRAINED = ready({ candidate: false });

/** The states that can hold a handover, each with the readiness that it has then. */
const LINGERING = [
  {
    name: 'BACKUP',
    readiness: DRAINED,
    state: (pending: Handover | null) => backup({ handover: pending }),
  },
  { name: 'FAULT', readiness: unfit('memcached'), state: inFault },
  { name: 'STOP', readiness: ready(), state: stopped },
] as const;

for (const { name, readiness, state } of LINGERING) {
  const held = state(handover());
  const released: Partial<Row> = { after: state(null), effects: [...RELEASE, `notify ${name}`] };
  const rows: Row[] = [
    { title: 'before any deadline nothing happens', readiness, before: held, event: 'timer' },
    {
      title: 'the lease is renewed meanwhile',
      readiness,
      before: held,
      event: 'timer',
      now: 10_400,
      after: state(handover({ leaseTimer: 11_400 })),
      effects: ['renew'],
    },
    {
      title: 'ends at its deadline when nobody is heard',
      readiness,
      before: held,
      event: 'timer',
      now: 12_000,
      ...released,
    },
    {
      title: 'ends when the lease ran out while the process slept: the kernel took the addresses already',
      readiness,
      before: state(handover({ deadline: 20_000 })),
      event: 'timer',
      now: 12_400,
      ...released,
    },
    {
      title: 'ends so too when a check is the first to wake it',
      readiness,
      before: state(handover({ deadline: 20_000 })),
      event: 'readiness',
      now: 12_400,
      ...released,
    },
    {
      title: 'goes on when the process slept for less than the lease',
      readiness,
      before: state(handover({ deadline: 20_000 })),
      event: 'timer',
      now: 12_399,
      after: state(handover({ deadline: 20_000, leaseTimer: 13_399 })),
      effects: ['renew'],
    },
    {
      title: 'without lease there is nothing to renew and nothing to run out',
      params: { vipLease: null },
      readiness,
      before: state(handover({ deadline: 20_000, leaseTimer: NEVER })),
      event: 'timer',
      now: 12_900,
    },
  ];
  describe(`handover in ${name}`, () => {
    steps(name === 'BACKUP' ? rows.map(patient) : rows);
  });
}

describe('handover ended by the new master', () => {
  steps([
    {
      title: 'FAULT: its first advertisement, whatever its priority',
      readiness: unfit('memcached'),
      before: inFault(handover()),
      event: advert(1),
      after: inFault(),
      effects: [...RELEASE, 'notify FAULT'],
    },
    {
      title: 'STOP: its first advertisement',
      before: stopped(handover()),
      event: advert(1),
      after: stopped(),
      effects: [...RELEASE, 'notify STOP'],
    },
    {
      title: 'not by another host that resigns too',
      readiness: unfit('memcached'),
      before: inFault(handover()),
      event: advert(0),
    },
    {
      title: 'STOP: not by another host that resigns too',
      before: stopped(handover()),
      event: advert(0),
    },
    {
      title: 'BACKUP: releases, and counts it as its master',
      readiness: DRAINED,
      before: backup({ handover: handover() }),
      event: advert(99),
      after: backup({
        masterDownTimer: NOW + 3500,
        master: { address: '10.9.0.2', priority: 99 },
      }),
      effects: [...RELEASE, 'notify BACKUP'],
    },
    {
      title: 'BACKUP: releases even for a lower one that it will preempt',
      before: backup({ handover: handover() }),
      event: advert(99),
      after: backup({ master: { address: '10.9.0.2', priority: 99 }, suffersSince: NOW }),
      effects: [...RELEASE, 'notify BACKUP'],
    },
    {
      title: 'BACKUP: not by another host that resigns too',
      readiness: DRAINED,
      before: backup({ handover: handover() }),
      event: advert(0),
      after: backup({ handover: handover(), masterDownTimer: NOW + 500, masterResigned: true }),
    },
  ]);
});

describe('a handover is cut short', () => {
  steps([
    {
      title: 'FAULT: the interface goes down too',
      readiness: unfit('memcached', 'interface'),
      before: inFault(handover()),
      event: 'readiness',
      after: inFault(),
      effects: [...RELEASE, 'notify FAULT'],
    },
    {
      title: 'FAULT: the last address goes too',
      readiness: unfit('memcached', 'address'),
      before: inFault(handover()),
      event: 'readiness',
      after: inFault(),
      effects: [...RELEASE, 'notify FAULT'],
    },
    {
      title: 'FAULT: another fault does not',
      readiness: unfit('memcached', 'proxy'),
      before: inFault(handover()),
      event: 'readiness',
    },
    {
      title: 'BACKUP to FAULT with the interface down: both hooks, in order',
      readiness: unfit('interface'),
      before: backup({ handover: handover() }),
      event: 'readiness',
      after: inFault(),
      effects: ['notify BACKUP', ...RELEASE, 'notify FAULT'],
      reason: 'interface_down',
    },
    {
      title: 'BACKUP to FAULT with memcached down: goes on, BACKUP is told',
      readiness: unfit('memcached'),
      before: backup({ handover: handover() }),
      event: 'readiness',
      after: inFault(handover()),
      effects: ['notify BACKUP'],
      reason: 'memcached_down',
    },
  ]);
});

describe('the reason of a fault', () => {
  test.each([
    ['interface', 'interface_down'],
    ['address', 'no_address'],
    ['memcached', 'memcached_down'],
    ['script', 'script_failed'],
    ['proxy', 'proxy_failed'],
  ] as const)('%s: %s', (kind, reason) => {
    expect(faultReason(ready({ faults: [fault(kind), fault('script')] }))).toBe(reason);
  });

  test('is a broken invariant without a fault', () => {
    expect(() => faultReason(ready())).toThrow('a fault without a cause');
  });
});

/** A row whose BACKUP does not reach its Master_Down_Timer: here only the handover is looked at. */
function patient(row: Row): Row {
  const late = (state: State): State =>
    state.name === 'BACKUP' ? { ...state, masterDownTimer: 30_000 } : state;
  return { ...row, before: late(row.before), ...(row.after && { after: late(row.after) }) };
}
