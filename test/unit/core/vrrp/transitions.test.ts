/** The handover (make before break): its end by the new master, by its deadline, by the link or by the lease. */
import { describe, expect, test } from 'vitest';
import type { Handover, State } from '../../../../src/core/vrrp/state.ts';
import { faultReason } from '../../../../src/core/vrrp/transitions.ts';
import {
  advert,
  BOW_OUT,
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
  const bowedOut: Partial<Row> = { after: state(null), effects: [...BOW_OUT, `notify ${name}`] };
  const heard = (changes: Partial<Handover> = {}) => state(handover({ heard: true, ...changes }));
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
      ...bowedOut,
    },
    {
      title: 'the new master was heard and its ARPs were not: ends then',
      readiness,
      before: heard({ deadline: NOW + 100 }),
      event: 'timer',
      now: NOW + 100,
      ...bowedOut,
    },
    {
      title: 'the new master has announced itself: a moment for what is under way',
      readiness,
      before: heard({ deadline: NOW + 100 }),
      event: 'claim',
      now: NOW + 1,
      after: heard({ deadline: NOW + 16, claimed: true }),
    },
    {
      title: 'a second announcement does not prolong it',
      readiness,
      before: heard({ deadline: NOW + 16, claimed: true }),
      event: 'claim',
      now: NOW + 8,
    },
    {
      title: 'an announcement without a new master ends nothing',
      readiness,
      before: held,
      event: 'claim',
      after: state(handover({ claimed: true })),
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

describe('the new master is heard in a handover', () => {
  const heard = handover({ heard: true, deadline: NOW + 100 });
  steps([
    {
      title: 'FAULT: its first advertisement, whatever its priority: its ARPs are waited for',
      readiness: unfit('memcached'),
      before: inFault(handover()),
      event: advert(1),
      after: inFault(heard),
    },
    {
      title: 'STOP: its first advertisement',
      before: stopped(handover()),
      event: advert(1),
      after: stopped(heard),
    },
    {
      title: 'its second one does not prolong it',
      before: stopped(heard),
      event: advert(1),
      now: NOW + 50,
    },
    {
      title: 'its ARPs were read before: a moment for what is under way',
      before: stopped(handover({ claimed: true })),
      event: advert(1),
      after: stopped(handover({ claimed: true, heard: true, deadline: NOW + 15 })),
    },
    {
      title: 'the handover would end sooner anyway',
      before: stopped(handover({ deadline: NOW + 3 })),
      event: advert(1),
      after: stopped(handover({ deadline: NOW + 3, heard: true })),
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
      title: 'BACKUP: counts it as its master',
      readiness: DRAINED,
      before: backup({ handover: handover() }),
      event: advert(99),
      after: backup({
        masterDownTimer: NOW + 3500,
        master: { address: '10.9.0.2', priority: 99 },
        handover: heard,
      }),
    },
    {
      title: 'BACKUP: yields even to a lower one that it will preempt',
      before: backup({ handover: handover() }),
      event: advert(99),
      after: backup({
        master: { address: '10.9.0.2', priority: 99 },
        suffersSince: NOW,
        handover: heard,
      }),
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
