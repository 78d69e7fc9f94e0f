/** RFC 3768 §6.4.3 and RFC 9568 §6.4.3 in tables: the MASTER. */
import { describe } from 'vitest';
import type { Row } from './table.ts';
import {
  advert,
  backup,
  cold,
  FRESH_HANDOVER,
  fault,
  freshBackup,
  handover,
  inFault,
  master,
  NEVER,
  NOW,
  RELEASE,
  RESIGN,
  ready,
  steps,
  stopped,
  unfit,
} from './table.ts';

const PEER = '10.9.0.2';
const spoke = master({ adverTimer: NOW + 1000, leaseTimer: NOW + 1000 });

describe('RFC 3768 §6.4.3: the Adver_Timer fires, and what else is due', () => {
  steps([
    { title: 'nothing is due', before: master(), event: 'timer' },
    {
      title: 'an advertisement of the effective priority, and the timer anew',
      readiness: ready({ priority: 90 }),
      before: master({ adverTimer: NOW }),
      event: 'timer',
      after: spoke,
      effects: ['advert 90', 'renew'],
    },
    {
      title: 'the lease is not renewed with an advertisement when it can wait for the next one',
      params: { version: 3, advertisementInterval: 100, vipLease: 1000 },
      before: master({ adverTimer: NOW, leaseTimer: NOW + 100 }),
      event: 'timer',
      after: master({ adverTimer: NOW + 100, leaseTimer: NOW + 100 }),
      effects: ['advert 128'],
    },
    {
      title: 'the lease is renewed with the last advertisement before it is due',
      params: { version: 3, advertisementInterval: 100, vipLease: 1000 },
      before: master({ adverTimer: NOW, leaseTimer: NOW + 99 }),
      event: 'timer',
      after: master({ adverTimer: NOW + 100, leaseTimer: NOW + 1000 / 3 }),
      effects: ['advert 128', 'renew'],
    },
    {
      title: 'a lease that is too short to wait for the advertisements is renewed between them',
      before: master({ leaseTimer: NOW }),
      event: 'timer',
      after: master({ leaseTimer: NOW + 1000 }),
      effects: ['renew'],
    },
    {
      title: 'garp_master_delay: the second burst, once',
      before: master({ garpDelayTimer: NOW }),
      event: 'timer',
      after: master(),
      effects: ['garp 5'],
    },
    {
      title: 'garp_master_refresh: again and again, with its own count',
      params: { garpMasterRefresh: 60_000, garpMasterRefreshRepeat: 2 },
      before: master({ garpRefreshTimer: NOW }),
      event: 'timer',
      after: master({ garpRefreshTimer: NOW + 60_000 }),
      effects: ['garp 2'],
    },
    {
      title: 'everything at once: the advertisement goes first',
      params: { garpMasterRefresh: 60_000 },
      before: master({ adverTimer: NOW, leaseTimer: NOW, garpDelayTimer: NOW, garpRefreshTimer: NOW }),
      event: 'timer',
      after: master({ adverTimer: NOW + 1000, leaseTimer: NOW + 1000, garpRefreshTimer: NOW + 60_000 }),
      effects: ['advert 128', 'renew', 'garp 5', 'garp 1'],
    },
    {
      title: 'without lease nothing is renewed',
      params: { vipLease: null },
      before: master({ adverTimer: NOW, leaseTimer: NEVER }),
      event: 'timer',
      after: master({ adverTimer: NOW + 1000, leaseTimer: NEVER }),
      effects: ['advert 128'],
    },
  ]);
});

describe('RFC 3768 §6.4.3: an advertisement of priority 0 is answered at once, and whoever learnt its MAC is told', () => {
  const answered: Partial<Row> = {
    after: master({
      adverTimer: NOW + 1000,
      leaseTimer: NOW + 1000,
      garpLowerPrioTimer: NOW + 5000,
      answersFrom: NOW + 100,
    }),
    effects: ['advert 128', 'renew', 'garp 5'],
  };
  steps([
    { title: 'multicast', before: master(), event: advert(0), ...answered },
    {
      title: 'one unicast peer',
      params: { unicastPeers: [PEER] },
      before: master(),
      event: advert(0),
      ...answered,
    },
  ]);
});

describe('other masters are answered at most every 100 ms, and none is forgotten', () => {
  const resting = { answersFrom: NOW + 60 };
  const owing = { ...resting, answerTimer: NOW + 60 };
  steps([
    { title: 'a lower one meanwhile', before: master(resting), event: advert(127), after: master(owing) },
    { title: 'a resignation meanwhile', before: master(resting), event: advert(0), after: master(owing) },
    { title: 'one more', before: master(owing), event: advert(127) },
    {
      title: 'the answer that is owed',
      before: master(owing),
      event: 'timer',
      now: NOW + 60,
      after: master({
        adverTimer: NOW + 1060,
        leaseTimer: NOW + 1060,
        garpLowerPrioTimer: NOW + 5060,
        answersFrom: NOW + 160,
      }),
      effects: ['recheck proxy', 'advert 128', 'renew', 'garp 5'],
    },
    {
      title: 'an advert that is due then as well goes out once',
      before: master({ ...owing, adverTimer: NOW + 60 }),
      event: 'timer',
      now: NOW + 60,
      after: master({
        adverTimer: NOW + 1060,
        leaseTimer: NOW + 1060,
        garpLowerPrioTimer: NOW + 5060,
        answersFrom: NOW + 160,
      }),
      effects: ['recheck proxy', 'advert 128', 'renew', 'garp 5'],
    },
    {
      title: 'a higher one is yielded to at once',
      before: master(owing),
      event: advert(129),
      after: freshBackup({ master: { address: PEER, priority: 129 } }),
      effects: ['advert 128', ...RELEASE, 'notify BACKUP'],
      reason: 'higher_priority_master',
    },
  ]);
});

describe('RFC 3768 §6.4.3: two MASTERs', () => {
  const yields = (priority: number, address: string): Partial<Row> => ({
    after: freshBackup({ master: { address, priority } }),
    effects: ['advert 128', ...RELEASE, 'notify BACKUP'],
    reason: 'higher_priority_master',
  });
  const stays: Partial<Row> = {
    after: master({
      adverTimer: NOW + 1000,
      leaseTimer: NOW + 1000,
      garpLowerPrioTimer: NOW + 5000,
      answersFrom: NOW + 100,
    }),
    effects: ['recheck proxy', 'advert 128', 'renew', 'garp 5'],
  };
  steps([
    { title: 'higher priority: BACKUP', before: master(), event: advert(129), ...yields(129, PEER) },
    {
      title: 'equal priority, higher address: BACKUP',
      before: master(),
      event: advert(128, { source: '10.9.0.4' }),
      ...yields(128, '10.9.0.4'),
    },
    {
      title: 'addresses are numbers, not text: 10.9.0.20 is higher than 10.9.0.3',
      before: master(),
      event: advert(128, { source: '10.9.0.20' }),
      ...yields(128, '10.9.0.20'),
    },
    {
      title: 'equal priority, lower address: stays, tells it and the hosts on the LAN',
      before: master(),
      event: advert(128),
      ...stays,
    },
    {
      title: 'lower priority: stays, whatever the address',
      before: master(),
      event: advert(127, { source: '10.9.0.200' }),
      ...stays,
    },
    {
      title: 'stays, and a second burst that is due sooner is not postponed',
      before: master({ garpLowerPrioTimer: NOW + 200 }),
      event: advert(127),
      after: master({
        adverTimer: NOW + 1000,
        leaseTimer: NOW + 1000,
        garpLowerPrioTimer: NOW + 200,
        answersFrom: NOW + 100,
      }),
      effects: ['recheck proxy', 'advert 128', 'renew', 'garp 5'],
    },
    {
      title: 'stays, garp_lower_prio_delay 0: no second burst',
      params: { garpLowerPrioDelay: 0 },
      before: master(),
      event: advert(127),
      after: master({ adverTimer: NOW + 1000, leaseTimer: NOW + 1000, answersFrom: NOW + 100 }),
      effects: ['recheck proxy', 'advert 128', 'renew', 'garp 5'],
    },
    {
      title: 'our own address: no answer, it would be answered for ever',
      before: master(),
      event: advert(128, { source: '10.9.0.3' }),
    },
    {
      title: 'no address of our own: only the priority decides',
      readiness: ready({ localAddress: null }),
      before: master(),
      event: advert(128, { source: '10.9.0.200' }),
      ...stays,
    },
    {
      title: 'the effective priority decides, not the configured one',
      readiness: ready({ priority: 90 }),
      before: master(),
      event: advert(100),
      after: backup({
        masterDownTimer: NOW + 3000 + (166 * 1000) / 256,
        master: { address: PEER, priority: 100 },
      }),
      effects: ['advert 90', ...RELEASE, 'notify BACKUP'],
      reason: 'higher_priority_master',
    },
    {
      title: 'nopreempt is about BACKUPs: a higher master still wins',
      params: { preempt: false },
      before: master(),
      event: advert(200),
      ...yields(200, PEER),
    },
    {
      title: 'keepalived: two owners of 255, the higher address wins',
      params: { priority: 255 },
      readiness: ready({ priority: 255 }),
      before: master(),
      event: advert(255, { source: '10.9.0.4' }),
      after: backup({
        masterDownTimer: NOW + 3000 + 1000 / 256,
        master: { address: '10.9.0.4', priority: 255 },
      }),
      effects: ['advert 255', ...RELEASE, 'notify BACKUP'],
      reason: 'higher_priority_master',
    },
    {
      title: "RFC 9568 §6.4.3: v3 adopts the winner's interval",
      params: { version: 3 },
      before: master(),
      event: advert(200, { advertisementInterval: 100 }),
      after: backup({
        masterDownTimer: NOW + 350,
        masterAdverInterval: 100,
        master: { address: PEER, priority: 200 },
      }),
      effects: ['advert 128', ...RELEASE, 'notify BACKUP'],
      reason: 'higher_priority_master',
    },
  ]);
});

describe('a MASTER whose host changes', () => {
  steps([
    {
      title: 'another priority is told by the next advertisement',
      readiness: ready({ priority: 90 }),
      before: master(),
      event: 'readiness',
    },
    ...(['memcached', 'script', 'proxy'] as const).map(
      (kind): Row => ({
        title: `${kind} lost: resigns twice and hands over`,
        readiness: unfit(kind),
        before: master(),
        event: 'readiness',
        after: inFault(FRESH_HANDOVER),
        effects: RESIGN,
        reason:
          kind === 'memcached' ? 'memcached_down' : kind === 'script' ? 'script_failed' : 'proxy_failed',
      }),
    ),
    ...(['interface', 'address'] as const).map(
      (kind): Row => ({
        title: `${kind} lost: nobody is reached, released at once`,
        readiness: unfit(kind),
        before: master(),
        event: 'readiness',
        after: inFault(),
        effects: [...RESIGN, ...RELEASE, 'notify FAULT'],
        reason: kind === 'interface' ? 'interface_down' : 'no_address',
      }),
    ),
    {
      title: 'memcached and the interface lost together: released at once, the first is the reason',
      readiness: unfit('memcached', 'interface'),
      before: master(),
      event: 'readiness',
      after: inFault(),
      effects: [...RESIGN, ...RELEASE, 'notify FAULT'],
      reason: 'memcached_down',
    },
    {
      title: 'drained: resigns twice, hands over, listens',
      readiness: ready({ candidate: false }),
      before: master(),
      event: 'readiness',
      after: freshBackup({ handover: FRESH_HANDOVER }),
      effects: RESIGN,
      reason: 'drained',
    },
    {
      title: 'cold: resigns twice, hands over, and takes it up again when nobody does',
      readiness: cold(),
      before: master(),
      event: 'readiness',
      // The Master_Down_Interval of priority 1, just before the handover's end.
      after: backup({ masterDownTimer: NOW + 3000 + (255 * 1000) / 256, handover: FRESH_HANDOVER }),
      effects: RESIGN,
      reason: 'memcached_cold',
    },
    {
      title: 'cold, v3 with long intervals: at the end of the handover, before the addresses would go',
      params: { version: 3, advertisementInterval: 10_000 },
      readiness: cold(),
      before: master({ adverTimer: NOW + 10_000 }),
      event: 'readiness',
      after: backup({
        masterDownTimer: NOW + 31_000,
        masterAdverInterval: 10_000,
        handover: handover({ deadline: NOW + 31_000 }),
      }),
      effects: RESIGN,
      reason: 'memcached_cold',
    },
    {
      title: 'cold, MASTER because nobody else was: stays',
      readiness: cold(),
      before: master({ servesCold: true }),
      event: 'readiness',
    },
    {
      title: 'whole again: the next time that it turns cold it hands over',
      before: master({ servesCold: true }),
      event: 'readiness',
      after: master(),
    },
    {
      title: 'cold and unfit: FAULT',
      readiness: cold({ faults: [fault('script')] }),
      before: master({ servesCold: true }),
      event: 'readiness',
      after: inFault(FRESH_HANDOVER),
      effects: RESIGN,
      reason: 'script_failed',
    },
    {
      title: 'cold and drained: told as drained',
      readiness: cold({ candidate: false }),
      before: master({ servesCold: true }),
      event: 'readiness',
      after: backup({ masterDownTimer: NOW + 3000 + (255 * 1000) / 256, handover: FRESH_HANDOVER }),
      effects: RESIGN,
      reason: 'drained',
    },
    {
      title: 'the handover renews without lease never, and lasts 3 × advert_int + 1 s',
      params: { vipLease: null, advertisementInterval: 2000 },
      readiness: unfit('memcached'),
      before: master({ adverTimer: 11_000, leaseTimer: NEVER }),
      event: 'readiness',
      after: inFault(handover({ deadline: NOW + 7000, leaseTimer: NEVER })),
      effects: RESIGN,
      reason: 'memcached_down',
    },
    {
      title: 'a handover goes on with the lease where it is: it is renewed when it was due',
      readiness: unfit('memcached'),
      before: master({ leaseTimer: NOW + 1 }),
      event: 'readiness',
      after: inFault({ ...FRESH_HANDOVER, leaseTimer: NOW + 1 }),
      effects: RESIGN,
      reason: 'memcached_down',
    },
  ]);
});

describe('departure: a MASTER that slept past its Master_Down_Interval listens before it speaks', () => {
  // It spoke last at 9500, its Master_Down_Interval is 3500 ms.
  const late = 13_001;
  const steppedDown: Partial<Row> = { effects: [...RELEASE, 'notify BACKUP'], reason: 'overslept' };
  steps([
    {
      title: 'the timer, just in time: it speaks',
      before: master(),
      event: 'timer',
      now: 13_000,
      after: master({ adverTimer: 14_000, leaseTimer: 14_000 }),
      effects: ['advert 128', 'renew'],
    },
    {
      title: 'the timer, too late: BACKUP',
      before: master(),
      event: 'timer',
      now: late,
      after: backup({ masterDownTimer: late + 3500 }),
      ...steppedDown,
    },
    {
      title: 'a lower master is heard first: BACKUP, and that one is suffered or preempted as ever',
      before: master(),
      event: advert(100),
      now: late,
      after: backup({
        masterDownTimer: late + 3500,
        master: { address: PEER, priority: 100 },
        suffersSince: late,
      }),
      ...steppedDown,
    },
    {
      title: 'a lower master is heard first, nopreempt: it stays MASTER',
      params: { preempt: false },
      before: master(),
      event: advert(100),
      now: late,
      after: backup({ masterDownTimer: late + 3500, master: { address: PEER, priority: 100 } }),
      ...steppedDown,
    },
    {
      title: 'a resignation is heard first: BACKUP for Skew_Time',
      before: master(),
      event: advert(0),
      now: late,
      after: backup({ masterDownTimer: late + 500, masterResigned: true }),
      ...steppedDown,
    },
    {
      title: 'a check that gave a good result first: BACKUP',
      before: master(),
      event: 'readiness',
      now: late,
      after: backup({ masterDownTimer: late + 3500 }),
      ...steppedDown,
    },
    {
      title: 'a check that failed meanwhile: FAULT without a word, for somebody else is MASTER',
      readiness: unfit('memcached'),
      before: master(),
      event: 'readiness',
      now: late,
      after: inFault(),
      effects: [...RELEASE, 'notify FAULT'],
      reason: 'memcached_down',
    },
    {
      title: 'drained meanwhile: BACKUP without a word',
      readiness: ready({ candidate: false }),
      before: master(),
      event: 'readiness',
      now: late,
      after: backup({ masterDownTimer: late + 3500 }),
      ...steppedDown,
    },
    {
      title: 'told to terminate meanwhile: STOP without a word',
      before: master(),
      event: 'shutdown',
      now: late,
      after: stopped(),
      effects: [...RELEASE, 'notify STOP'],
      reason: 'shutdown',
    },
    {
      title: 'v3: its own interval and priority give the bound',
      params: { version: 3, advertisementInterval: 100 },
      before: master({ adverTimer: NOW }),
      event: 'timer',
      now: NOW - 100 + 351,
      after: backup({ masterDownTimer: NOW + 251 + 350, masterAdverInterval: 100 }),
      ...steppedDown,
    },
  ]);
});
