/** keepalived's keywords beyond the RFCs, in tables: what each changes in the machine. */
import { describe } from 'vitest';
import { masterDownInterval } from '../../../../src/core/vrrp/timers.ts';
import {
  advert,
  backup,
  FRESH_HANDOVER,
  freshBackup,
  freshMaster,
  inFault,
  master,
  NEVER,
  NOW,
  RELEASE,
  RESIGN,
  router,
  steps,
  stopped,
  TAKEOVER,
} from './table.ts';

const LOWER = advert(100);
const HIGHER = advert(200);

describe('garp_lower_prio_delay, garp_lower_prio_repeat: a MASTER that hears a lower one', () => {
  const params = { garpLowerPrioDelay: 10_000, garpLowerPrioRepeat: 3 };
  steps([
    {
      title: 'a burst at once, and a second one later',
      params,
      before: master(),
      event: LOWER,
      after: master({
        adverTimer: NOW + 1000,
        leaseTimer: NOW + 1000,
        garpLowerPrioTimer: NOW + 10_000,
        answersFrom: NOW + 100,
      }),
      effects: ['recheck proxy', 'advert 128', 'renew', 'garp 3'],
    },
    {
      title: 'the second burst',
      params,
      before: master({ garpLowerPrioTimer: NOW }),
      event: 'timer',
      after: master({ garpLowerPrioTimer: NEVER }),
      effects: ['garp 3'],
    },
    {
      title: 'repeat 0: no burst, now or later',
      params: { ...params, garpLowerPrioRepeat: 0 },
      before: master(),
      event: LOWER,
      after: master({ adverTimer: NOW + 1000, leaseTimer: NOW + 1000, answersFrom: NOW + 100 }),
      effects: ['recheck proxy', 'advert 128', 'renew'],
    },
  ]);
});

describe('lower_prio_no_advert', () => {
  steps([
    {
      title: 'the ARPs only, and the Adver_Timer as it was',
      params: { lowerPrioNoAdvert: true },
      before: master(),
      event: LOWER,
      after: master({ garpLowerPrioTimer: NOW + 5000, answersFrom: NOW + 100 }),
      effects: ['recheck proxy', 'garp 5'],
    },
  ]);
});

describe('higher_prio_send_advert', () => {
  steps([
    {
      title: 'off: it yields without a word',
      params: { higherPrioSendAdvert: false },
      before: master(),
      event: HIGHER,
      after: freshBackup({ master: { address: '10.9.0.2', priority: 200 } }),
      effects: [...RELEASE, 'notify BACKUP'],
      reason: 'higher_priority_master',
    },
  ]);
});

describe('down_timer_adverts', () => {
  const params = { downTimerAdverts: 5 };
  steps([
    {
      title: 'a BACKUP waits for so many intervals and Skew_Time',
      params,
      before: backup(),
      event: HIGHER,
      after: backup({
        masterDownTimer: NOW + masterDownInterval(router(params), 128, 1000),
        master: { address: '10.9.0.2', priority: 200 },
      }),
    },
    {
      title: 'a resigned master keeps its addresses for as long as a peer may wait',
      params,
      before: master(),
      event: 'shutdown',
      after: stopped({ ...FRESH_HANDOVER, deadline: NOW + 6000 }),
      effects: RESIGN,
      reason: 'shutdown',
    },
  ]);
});

describe('vrrp_sync_group: a member follows the others', () => {
  steps([
    {
      title: 'BACKUP to MASTER, at once',
      before: backup(),
      event: 'follow MASTER',
      after: freshMaster(),
      effects: TAKEOVER,
      reason: 'sync_group',
    },
    { title: 'MASTER stays MASTER', before: master(), event: 'follow MASTER' },
    { title: 'BACKUP stays BACKUP', before: backup(), event: 'follow BACKUP' },
    {
      title: 'MASTER to BACKUP: it resigns, and the addresses stay until the new master is heard',
      before: master(),
      event: 'follow BACKUP',
      after: freshBackup({ handover: FRESH_HANDOVER }),
      effects: RESIGN,
      reason: 'sync_group',
    },
    { title: 'in FAULT it cannot', before: inFault(), event: 'follow MASTER' },
    { title: 'when stopped it does not', before: stopped(), event: 'follow MASTER' },
  ]);
});
