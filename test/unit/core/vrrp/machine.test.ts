/** The machine's frame: Initialize, FAULT, Shutdown (RFC 3768 §6.4.1, keepalived's FAULT and STOP). */
import { describe, expect, test } from 'vitest';
import { step } from '../../../../src/core/vrrp/machine.ts';
import {
  backup,
  cold,
  FRESH_HANDOVER,
  fault,
  freshBackup,
  freshMaster,
  handover,
  INIT,
  inFault,
  master,
  NOW,
  RELEASE,
  RESIGN,
  ready,
  router,
  steps,
  stopped,
  TAKEOVER,
  unfit,
} from './table.ts';

const owner = ready({ priority: 255 });

describe('RFC 3768 §6.4.1 Initialize', () => {
  steps([
    {
      title: 'waits while a check has given no result',
      readiness: ready({ decided: false }),
      before: INIT,
      event: 'readiness',
    },
    {
      title: 'waits even when another check has failed already',
      readiness: ready({ decided: false, faults: [fault()] }),
      before: INIT,
      event: 'readiness',
    },
    {
      title: 'priority 255: MASTER at once, in the order advert, VIP, ARPs, proxy, hook',
      params: { priority: 255 },
      readiness: owner,
      before: INIT,
      event: 'readiness',
      after: freshMaster(),
      effects: ['advert 255', ...TAKEOVER.slice(1)],
      reason: 'address_owner',
    },
    {
      title: 'priority 255 but drained: BACKUP',
      params: { priority: 255 },
      readiness: ready({ priority: 255, candidate: false }),
      before: INIT,
      event: 'readiness',
      after: freshBackup({ masterDownTimer: NOW + 3000 + 1000 / 256 }),
      effects: ['notify BACKUP'],
      reason: 'startup',
    },
    {
      title: 'priority 255 but cold: BACKUP',
      params: { priority: 255 },
      readiness: cold({ priority: 255 }),
      before: INIT,
      event: 'readiness',
      after: freshBackup({ masterDownTimer: NOW + 3000 + 1000 / 256 }),
      effects: ['notify BACKUP'],
      reason: 'startup',
    },
    {
      title: 'cold: BACKUP, for longer than any other',
      readiness: cold(),
      before: INIT,
      event: 'readiness',
      after: freshBackup({ masterDownTimer: NOW + 3000 + (255 * 1000) / 256 }),
      effects: ['notify BACKUP'],
      reason: 'startup',
    },
    {
      title: 'any other priority: BACKUP for one Master_Down_Interval',
      before: INIT,
      event: 'readiness',
      after: freshBackup(),
      effects: ['notify BACKUP'],
      reason: 'startup',
    },
    {
      title: 'keepalived: unfit at the start is FAULT, and a host that never spoke does not resign',
      readiness: unfit('script'),
      before: INIT,
      event: 'readiness',
      after: inFault(),
      effects: ['notify FAULT'],
      reason: 'script_failed',
    },
  ]);
});

describe('restart in place: the daemon before died as MASTER', () => {
  const restart = (spokeAt: number) => ({ restart: spokeAt });
  const LEFTOVER = ['remove'];
  steps([
    {
      title: 'before anybody can have missed it: MASTER at once, in the order of any takeover',
      before: INIT,
      event: restart(NOW - 2999),
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'restart',
    },
    {
      title: 'while checks have given no result: what they were is what they are',
      readiness: ready({ decided: false }),
      before: INIT,
      event: restart(NOW - 1000),
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'restart',
    },
    {
      title: 'from 3 intervals on, without Skew_Time: somebody may be MASTER, so the leftover goes',
      before: INIT,
      event: restart(NOW - 3000),
      effects: LEFTOVER,
    },
    {
      title: "keepalived's down_timer_adverts instead of the 3",
      params: { downTimerAdverts: 5 },
      before: INIT,
      event: restart(NOW - 4999),
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'restart',
    },
    {
      title: 'v3 with 100 ms',
      params: { version: 3, advertisementInterval: 100, vipLease: 1000 },
      before: INIT,
      event: restart(NOW - 300),
      effects: LEFTOVER,
    },
    {
      title: 'nopreempt is no hindrance: nobody is preempted',
      params: { preempt: false },
      before: INIT,
      event: restart(NOW - 500),
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'restart',
    },
    {
      title: 'unfit: the leftover goes',
      readiness: unfit('memcached'),
      before: INIT,
      event: restart(NOW - 500),
      effects: LEFTOVER,
    },
    {
      title: 'drained: the leftover goes',
      readiness: ready({ candidate: false }),
      before: INIT,
      event: restart(NOW - 500),
      effects: LEFTOVER,
    },
    {
      title: 'without an address to speak from: the leftover goes',
      readiness: ready({ localAddress: null }),
      before: INIT,
      event: restart(NOW - 500),
      effects: LEFTOVER,
    },
  ]);

  test('comes before everything else', () => {
    const event = { type: 'restart', spokeAt: NOW, readiness: ready() } as const;
    expect(() => step(router(), ready(), backup(), event, NOW)).toThrow('a restart in place in BACKUP');
  });
});

describe("keepalived's FAULT", () => {
  steps([
    {
      title: 'recovered: listens first, as at the start',
      before: inFault(),
      event: 'readiness',
      after: freshBackup(),
      effects: ['notify BACKUP'],
      reason: 'recovered',
    },
    {
      title: 'recovered with priority 255: MASTER at once',
      readiness: owner,
      before: inFault(),
      event: 'readiness',
      after: freshMaster(),
      effects: ['advert 255', ...TAKEOVER.slice(1)],
      reason: 'address_owner',
    },
    {
      title: 'another fault is no transition',
      readiness: unfit('script', 'memcached'),
      before: inFault(),
      event: 'readiness',
    },
    { title: 'a timer means nothing', readiness: unfit('memcached'), before: inFault(), event: 'timer' },
    {
      title: 'recovered before the handover ended: the addresses stay, FAULT is told, BACKUP is held back',
      before: inFault(handover()),
      event: 'readiness',
      after: freshBackup({ handover: handover() }),
      effects: ['notify FAULT'],
      reason: 'recovered',
    },
    {
      title: 'recovered with priority 255 before the handover ended: MASTER again, FAULT told before MASTER',
      readiness: owner,
      before: inFault(handover()),
      event: 'readiness',
      after: freshMaster(),
      effects: ['advert 255', 'add', 'garp 5', 'start proxy', 'notify FAULT', 'notify MASTER'],
      reason: 'address_owner',
    },
  ]);
});

describe('RFC 3768 §6.4.2 and §6.4.3 Shutdown', () => {
  steps([
    {
      title: 'in Initialize',
      readiness: ready({ decided: false }),
      before: INIT,
      event: 'shutdown',
      after: stopped(),
      effects: ['notify STOP'],
      reason: 'shutdown',
    },
    {
      title: 'in BACKUP: nothing to hand over',
      before: backup(),
      event: 'shutdown',
      after: stopped(),
      effects: ['notify STOP'],
      reason: 'shutdown',
    },
    {
      title: 'in FAULT',
      readiness: unfit('memcached'),
      before: inFault(),
      event: 'shutdown',
      after: stopped(),
      effects: ['notify STOP'],
      reason: 'shutdown',
    },
    {
      title: 'in MASTER: resigns, keeps the addresses; the hook waits for their end',
      before: master(),
      event: 'shutdown',
      after: stopped(FRESH_HANDOVER),
      effects: RESIGN,
      reason: 'shutdown',
    },
    {
      title: 'in BACKUP during a handover: goes on with it, BACKUP is told',
      before: backup({ handover: handover() }),
      event: 'shutdown',
      after: stopped(handover()),
      effects: ['notify BACKUP'],
      reason: 'shutdown',
    },
    {
      title: 'in FAULT during a handover: goes on with it, FAULT is told',
      readiness: unfit('memcached'),
      before: inFault(handover()),
      event: 'shutdown',
      after: stopped(handover()),
      effects: ['notify FAULT'],
      reason: 'shutdown',
    },
    { title: 'a second one changes nothing', before: stopped(handover()), event: 'shutdown' },
    { title: 'STOP is final: readiness', before: stopped(), event: 'readiness' },
    { title: 'STOP is final: timer', before: stopped(), event: 'timer' },
    {
      title: 'STOP with the interface down releases at once',
      readiness: unfit('interface'),
      before: stopped(handover()),
      event: 'readiness',
      after: stopped(),
      effects: [...RELEASE, 'notify STOP'],
    },
  ]);
});
