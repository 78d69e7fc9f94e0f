import { describe, expect, test } from 'vitest';
import type { Status } from '../../../src/daemon/status.ts';
import { expectationOf, FAULTS, type FaultName, type Role } from '../../../src/drill/faults.ts';
import { HERE, type Sight } from '../../../src/drill/hosts.ts';
import { effectLacking, holdTime, quietTime } from '../../../src/drill/progress.ts';
import { backup, instance, memcached, proxy, seen, status, unseen } from './sample.ts';

const STRUCK = 1000;
const LATER = 1100;

const down = memcached({ status: 'down' });
const faulty = (said: Partial<Status> = {}): Status =>
  status({ instances: [instance({ state: 'FAULT' })], memcached: [down], ...said });
const master = (): Status => backup({ instances: [instance({ state: 'MASTER' })] });
const run = (pid: number) => memcached({ process: { pid, restarts: 0, adopted: false, detail: '' } });

function lacking(
  fault: FaultName,
  role: Role,
  sights: Sight[],
  { answered = true, before = role === 'MASTER' ? status() : backup() } = {},
): string | null {
  const expectation = expectationOf(fault, role);
  return effectLacking({ fault, expectation, instance: 'VI_1', before, sights, struckAt: STRUCK, answered });
}

describe('a failover', () => {
  test.each(FAULTS.filter((fault) => fault !== 'kill-proxy' && fault !== 'cut-link'))('%s', (fault) => {
    const peer = seen('peer', backup(), LATER);
    expect(lacking(fault, 'MASTER', [seen(HERE, faulty(), LATER), peer])).toBe(
      'the other host is not MASTER yet',
    );
    const taken = [seen(HERE, faulty(), LATER), seen('peer', master(), LATER)];
    expect(lacking(fault, 'MASTER', taken, { answered: false })).toBe('the client is not answered');
    expect(lacking(fault, 'MASTER', taken)).toBeNull();
    // Its own daemon needs not answer.
    expect(lacking(fault, 'MASTER', [unseen(HERE, '', LATER), seen('peer', master(), LATER)])).toBeNull();
  });

  test('blind: this host is not MASTER any more, and the client is answered', () => {
    expect(lacking('hang-memcached', 'MASTER', [seen(HERE, status(), LATER)])).toBe(
      'this host is still MASTER',
    );
    expect(lacking('hang-memcached', 'MASTER', [seen(HERE, faulty(), LATER)])).toBeNull();
    expect(lacking('stop-agent', 'MASTER', [unseen(HERE, '', LATER)], { answered: false })).toBe(
      'the client is not answered',
    );
  });

  test('a memcached that was back before anybody was elected', () => {
    const before = status({ memcached: [run(30)] });
    const sights = (said: Status) => [seen(HERE, said, LATER), seen('peer', backup(), LATER)];
    expect(lacking('kill-memcached', 'MASTER', sights(before), { before })).toBe(
      'the other host is not MASTER yet',
    );
    expect(
      lacking('kill-memcached', 'MASTER', sights(status({ memcached: [run(31)] })), { before }),
    ).toBeNull();
  });
});

describe('the proxy', () => {
  test('another process listens, and the client is answered', () => {
    const sights = (said: Status) => [seen(HERE, said, LATER), seen('peer', backup(), LATER)];
    expect(lacking('kill-proxy', 'MASTER', sights(status()))).toMatch(/does not listen again/);
    expect(
      lacking('kill-proxy', 'MASTER', sights(status({ proxies: [proxy({ up: false, pid: 21 })] }))),
    ).toMatch(/again/);
    const back = sights(status({ proxies: [proxy({ pid: 21 })] }));
    expect(lacking('kill-proxy', 'MASTER', back, { answered: false })).toBe('the client is not answered');
    expect(lacking('kill-proxy', 'MASTER', back)).toBeNull();
  });
});

describe('on the BACKUP: that its own daemon noticed it, or is silent', () => {
  const at = (said: Status, asked: number) => [seen(HERE, said, asked), seen('peer', status(), LATER)];
  const failed = backup({ instances: [instance({ state: 'FAULT' })], memcached: [down] });

  test.each(['kill-memcached', 'hang-memcached'] as const)('%s', (fault) => {
    expect(lacking(fault, 'BACKUP', at(backup(), LATER))).toMatch(/has not noticed/);
    expect(lacking(fault, 'BACKUP', at(failed, STRUCK - 50))).toMatch(/has not noticed/);
    expect(lacking(fault, 'BACKUP', at(failed, LATER))).toBeNull();
  });

  test('one that was back between two looks has left a transition', () => {
    const transitions = [
      {
        at: '2026-01-01T00:00:01.000Z',
        from: 'FAULT',
        to: 'BACKUP',
        reason: 'recovered',
        detail: '',
      } as const,
    ];
    const again = backup({ instances: [instance({ state: 'BACKUP', transitions })] });
    expect(lacking('kill-memcached', 'BACKUP', at(again, LATER))).toBeNull();
  });

  test.each(['stop-agent', 'hang-agent'] as const)('%s', (fault) => {
    expect(lacking(fault, 'BACKUP', at(backup(), LATER))).toBe('the daemon still answers');
    expect(lacking(fault, 'BACKUP', [unseen(HERE, '', LATER), seen('peer', status(), LATER)])).toBeNull();
    expect(lacking(fault, 'BACKUP', at(backup({ pid: 77 }), LATER))).toBeNull();
  });
});

test('cut-link: the daemon noticed; of the others nothing is seen', () => {
  const peer = unseen('peer', 'no route', LATER);
  for (const role of ['MASTER', 'BACKUP'] as const) {
    const before = role === 'MASTER' ? status() : backup();
    expect(lacking('cut-link', role, [seen(HERE, before, LATER), peer])).toMatch(/has not noticed/);
    expect(lacking('cut-link', role, [seen(HERE, faulty(), LATER), peer], { answered: false })).toBeNull();
  }
});

test.each([
  ['cut-link', 'failover', 1, 5000],
  ['cut-link', 'failover', 0.1, 3000],
  ['hang-agent', 'failover', 1, 1000],
  ['hang-agent', 'unfelt', 1, 4000],
  ['hang-agent', 'unfelt', 0.1, 2000],
] as const)('%s, %s, adverts each %d s: it goes on for %d ms', (fault, expectation, advert, hold) => {
  expect(holdTime(fault, expectation, advert)).toBe(hold);
});

test('whoever preempts does so within four adverts', () => {
  expect(quietTime(1)).toBe(5000);
});
