/** RFC 3768 §6.4.2 and RFC 9568 §6.4.2 in tables: the BACKUP. */
import { describe } from 'vitest';
import {
  advert,
  BOW_OUT,
  backup,
  cold,
  freshBackup,
  freshMaster,
  handover,
  inFault,
  NEVER,
  NOW,
  PREEMPTION,
  ready,
  steps,
  TAKEOVER,
  unfit,
} from './table.ts';

const PEER = '10.9.0.2';
const lower = { address: PEER, priority: 100 };
const equal = { address: PEER, priority: 128 };
const higher = { address: PEER, priority: 200 };

describe('RFC 3768 §6.4.2: the Master_Down_Timer fires', () => {
  const due = NOW + 3500;
  const timers = {
    adverTimer: due + 1000,
    leaseTimer: due + 1000,
    garpDelayTimer: due + 5000,
    answersFrom: due,
  };
  const taken = freshMaster(timers);
  const coldly = freshMaster({ ...timers, servesCold: true });
  steps([
    {
      title: 'takes over: advert, VIP, ARPs, proxy, hook',
      before: freshBackup({ master: higher }),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'not a moment before',
      before: freshBackup({ master: higher }),
      event: 'timer',
      now: due - 0.01,
    },
    {
      title: 'the master had resigned',
      before: freshBackup({ master: higher, masterResigned: true }),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_resigned',
    },
    {
      title: 'a lower master was still speaking: preempt',
      before: freshBackup({ master: lower, suffersSince: NOW }),
      event: 'timer',
      now: due,
      after: taken,
      // The other one may have been written to until now.
      effects: PREEMPTION,
      reason: 'preempt',
    },
    {
      title: 'nopreempt: a lower master is replaced only because it is dead',
      params: { preempt: false },
      before: freshBackup({ master: lower }),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'preempt_delay: a lower master that died meanwhile was not preempted',
      params: { preemptDelay: 60_000 },
      before: freshBackup({ master: lower, suffersSince: NOW }),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'an equal master can only have died',
      before: freshBackup({ master: equal }),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'nobody was ever heard',
      before: freshBackup(),
      event: 'timer',
      now: due,
      after: taken,
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'cold: MASTER all the same, for nobody else is, and it does not hand over for that again',
      readiness: cold(),
      before: freshBackup(),
      event: 'timer',
      now: due,
      after: coldly,
      effects: ['advert 1', ...TAKEOVER.slice(1)],
      reason: 'master_down',
    },
    {
      title: 'cold, at the end of its own handover: MASTER again, the addresses stay',
      readiness: cold(),
      before: freshBackup({ handover: handover({ deadline: due, leaseTimer: NEVER }) }),
      event: 'timer',
      now: due,
      after: coldly,
      effects: ['advert 1', 'add', 'garp 5', 'start proxy', 'notify BACKUP', 'notify MASTER'],
      reason: 'master_down',
    },
    {
      title: 'drained: listens for another Master_Down_Interval',
      readiness: ready({ candidate: false }),
      before: freshBackup({ master: higher }),
      event: 'timer',
      now: due,
      after: backup({ masterDownTimer: due + 3500 }),
    },
    {
      title: 'drained, and the handover is due at the same time',
      readiness: ready({ candidate: false }),
      before: freshBackup({ handover: handover({ deadline: due, leaseTimer: NEVER }) }),
      event: 'timer',
      now: due,
      after: backup({ masterDownTimer: due + 3500 }),
      effects: [...BOW_OUT, 'notify BACKUP'],
    },
    {
      title: 'during its own handover: MASTER again, and the hook that was held back goes first',
      before: freshBackup({ handover: handover({ deadline: due + 500, leaseTimer: NEVER }) }),
      event: 'timer',
      now: due,
      after: taken,
      effects: ['advert 128', 'add', 'garp 5', 'start proxy', 'notify BACKUP', 'notify MASTER'],
      reason: 'master_down',
    },
    {
      title: 'garp_master_delay 0 and no lease: nothing but the Adver_Timer',
      params: { garpMasterDelay: 0, vipLease: null },
      before: freshBackup(),
      event: 'timer',
      now: due,
      after: freshMaster({ ...timers, leaseTimer: NEVER, garpDelayTimer: NEVER }),
      effects: TAKEOVER,
      reason: 'master_down',
    },
    {
      title: 'garp_master_refresh counts from the takeover',
      params: { garpMasterRefresh: 60_000, garpMasterRepeat: 2 },
      before: freshBackup(),
      event: 'timer',
      now: due,
      after: { ...taken, garpRefreshTimer: due + 60_000 } as typeof taken,
      effects: TAKEOVER.map((effect) => (effect === 'garp 5' ? 'garp 2' : effect)),
      reason: 'master_down',
    },
  ]);
});

describe('RFC 3768 §6.4.2: priority 0 sets the timer to Skew_Time', () => {
  const resigned = { masterResigned: true };
  steps([
    {
      title: 'multicast: our Skew_Time',
      before: backup({ master: higher }),
      event: advert(0),
      after: backup({ master: higher, masterDownTimer: NOW + 500, ...resigned }),
    },
    {
      title: 'it follows the effective priority, not the configured one',
      readiness: ready({ priority: 64 }),
      before: backup({ master: higher }),
      event: advert(0),
      after: backup({ master: higher, masterDownTimer: NOW + 750, ...resigned }),
    },
    {
      title: 'departure: a repeated one does not postpone it',
      before: backup({ masterDownTimer: NOW + 300, ...resigned }),
      event: advert(0),
      after: backup({ masterDownTimer: NOW + 300, ...resigned }),
    },
    {
      title: 'departure: it postpones no timer that runs out sooner anyway',
      before: backup({ masterDownTimer: NOW + 10 }),
      event: advert(0),
      after: backup({ masterDownTimer: NOW + 10, ...resigned }),
    },
    {
      title: 'departure: a single unicast peer has no rival, the skew is 0',
      params: { unicastPeers: [PEER] },
      before: backup({ master: higher }),
      event: advert(0),
      after: backup({ master: higher, masterDownTimer: NOW, ...resigned }),
    },
    {
      title: 'two unicast peers: the skew again',
      params: { unicastPeers: [PEER, '10.9.0.4'] },
      before: backup({ master: higher }),
      event: advert(0),
      after: backup({ master: higher, masterDownTimer: NOW + 500, ...resigned }),
    },
    {
      title: "RFC 9568 §6.4.2: v3's Skew_Time is a part of the master's interval",
      params: { version: 3 },
      before: backup({ masterAdverInterval: 100 }),
      event: advert(0, { advertisementInterval: 4000 }),
      after: backup({ masterAdverInterval: 100, masterDownTimer: NOW + 50, ...resigned }),
    },
    {
      title: 'nopreempt does not hinder it',
      params: { preempt: false },
      before: backup({ master: lower }),
      event: advert(0),
      after: backup({ master: lower, masterDownTimer: NOW + 500, ...resigned }),
    },
    {
      title: 'preempt_delay does not hinder it and is forgotten',
      params: { preemptDelay: 60_000 },
      before: backup({ master: lower, suffersSince: 9000 }),
      event: advert(0),
      after: backup({ master: lower, masterDownTimer: NOW + 500, ...resigned }),
    },
  ]);
});

describe('RFC 3768 §6.4.2: an advertisement of priority > 0', () => {
  steps([
    {
      title: 'higher: the timer starts anew',
      before: backup(),
      event: advert(200),
      after: freshBackup({ master: higher }),
    },
    {
      title: 'equal: the timer starts anew, an equal priority never preempts',
      before: backup({ master: higher }),
      event: advert(128),
      after: freshBackup({ master: equal }),
    },
    {
      title: 'equal from a lower address: neither does that',
      before: backup(),
      event: advert(128, { source: '10.0.0.1' }),
      after: freshBackup({ master: { address: '10.0.0.1', priority: 128 } }),
    },
    {
      title: 'lower: discarded, the timer runs on',
      before: backup(),
      event: advert(100),
      after: backup({ master: lower, suffersSince: NOW }),
    },
    {
      title: 'one below is lower',
      before: backup(),
      event: advert(127),
      after: backup({ master: { address: PEER, priority: 127 }, suffersSince: NOW }),
    },
    {
      title: 'the effective priority decides, not the configured one',
      readiness: ready({ priority: 90 }),
      before: backup(),
      event: advert(100),
      after: backup({ master: lower, masterDownTimer: NOW + 3000 + (166 * 1000) / 256 }),
    },
    {
      title: 'lower with nopreempt: the timer starts anew',
      params: { preempt: false },
      before: backup(),
      event: advert(100),
      after: freshBackup({ master: lower }),
    },
    {
      title: 'lower when drained: the timer starts anew',
      readiness: ready({ candidate: false }),
      before: backup(),
      event: advert(100),
      after: freshBackup({ master: lower }),
    },
    {
      title: 'the resigned master, or its successor, speaks: no longer resigned',
      before: backup({ masterDownTimer: NOW + 100, masterResigned: true }),
      event: advert(200),
      after: freshBackup({ master: higher }),
    },
    {
      title: 'another address list changes nothing',
      before: backup(),
      event: advert(200, { addressListMatches: false }),
      after: freshBackup({ master: higher }),
    },
    {
      title: 'v2 keeps the local interval',
      before: backup(),
      event: advert(200, { advertisementInterval: 5000 }),
      after: freshBackup({ master: higher }),
    },
    {
      title: "RFC 9568 §6.4.2: v3 adopts the master's interval, for Skew_Time too",
      params: { version: 3 },
      before: backup(),
      event: advert(200, { advertisementInterval: 100 }),
      after: backup({ master: higher, masterAdverInterval: 100, masterDownTimer: NOW + 350 }),
    },
    {
      title: 'RFC 9568 §6.4.2: v3 adopts nothing from a lower one that it discards',
      params: { version: 3 },
      before: backup(),
      event: advert(100, { advertisementInterval: 100 }),
      after: backup({ master: lower, suffersSince: NOW }),
    },
  ]);
});

describe("keepalived's preempt_delay", () => {
  const params = { preemptDelay: 5000 };
  steps([
    {
      title: 'a lower master is accepted, and the delay begins',
      params,
      before: backup(),
      event: advert(100),
      after: freshBackup({ master: lower, suffersSince: NOW }),
    },
    {
      title: 'it is accepted until the delay is over',
      params,
      before: backup({ suffersSince: NOW - 4999 }),
      event: advert(100),
      after: freshBackup({ master: lower, suffersSince: NOW - 4999 }),
    },
    {
      title: 'then it is discarded and the timer runs out',
      params,
      before: backup({ suffersSince: NOW - 5000 }),
      event: advert(100),
      after: backup({ master: lower, suffersSince: NOW - 5000 }),
    },
    {
      title: 'a higher or equal one ends it',
      params,
      before: backup({ suffersSince: NOW - 4000 }),
      event: advert(128),
      after: freshBackup({ master: equal }),
    },
    {
      title: 'silence is not delayed: a dead master is replaced at once',
      params,
      before: backup({ masterDownTimer: NOW, suffersSince: NOW - 3500, master: higher }),
      event: 'timer',
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'master_down',
    },
  ]);
});

describe('a BACKUP whose host changes', () => {
  steps([
    {
      title: 'fit as before: the timers stay',
      readiness: ready({ priority: 200 }),
      before: backup(),
      event: 'readiness',
    },
    {
      title: 'cold: the timers stay',
      readiness: cold(),
      before: backup(),
      event: 'readiness',
    },
    {
      title: 'drained: the timers stay',
      readiness: ready({ candidate: false }),
      before: backup(),
      event: 'readiness',
    },
    {
      title: 'unfit: FAULT, in silence',
      readiness: unfit('proxy'),
      before: backup(),
      event: 'readiness',
      after: inFault(),
      effects: ['notify FAULT'],
      reason: 'proxy_failed',
    },
  ]);
});
