/** The order in which effects reach the host, and what becomes of those that come too late. */
import { describe, expect, test } from 'vitest';
import type { InstanceConfig } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Effect, Readiness } from '../../../src/core/vrrp/state.ts';
import { createPerformer, type PerformedProxy, type PerformPorts } from '../../../src/daemon/perform.ts';

/** An instance with these addresses, and one of two proxies. */
function instanceWith(addresses: string, proxy = 'front'): InstanceConfig {
  const { config, problems } = loadConfig(
    'test.yaml',
    `
proxy:
  front: { listen: 10.9.0.5:12000, servers: [10.9.0.3] }
  other: { listen: 10.9.0.5:12001, servers: [10.9.0.3] }
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    proxy: ${proxy}
    virtual_ipaddress: [${addresses}]
`,
  );
  if (config === null) throw new Error(JSON.stringify(problems));
  return config.instances[0]!;
}
const instance = instanceWith('10.9.0.5, 10.9.0.6');

const READY: Readiness = {
  decided: true,
  priority: 100,
  faults: [],
  cold: [],
  candidate: true,
  localAddress: '10.9.0.3',
};
const TAKEOVER: readonly Effect[] = [
  { type: 'sendAdvertisement', priority: 100 },
  { type: 'addAddresses' },
  { type: 'gratuitousArp', repeat: 2 },
  { type: 'startProxy' },
  { type: 'notify', state: 'MASTER' },
];
const RELEASE: readonly Effect[] = [
  { type: 'removeAddresses' },
  { type: 'stopProxy' },
  { type: 'notify', state: 'BACKUP' },
];
const TOOK_OVER = [
  ...['put .5', 'put .6', 'arp .5', 'arp .6', 'arp .5', 'arp .6', 'took over'],
  ...['start front', 'notify MASTER 100'],
];

/** A performer whose acts are told as words; `broken` acts fail, `onPut` is called while an address is being put on. */
function performer(
  broken: readonly string[] = [],
  onPut: () => void = () => {},
  proxy: Partial<PerformedProxy> = {},
  isMaster = () => true,
) {
  const acts: string[] = [];
  const act = (word: string): void => {
    acts.push(word);
    if (broken.includes(word)) throw new Error(`${word} is broken`);
  };
  const last = (address: string): string => address.slice(address.lastIndexOf('.'));
  const ports: PerformPorts = {
    now: () => 0,
    isMaster,
    send: (message, destination) => act(`advert ${message[2]} to ${destination}`),
    putAddress: async ({ address }) => {
      act(`put ${last(address)}`);
      onPut();
    },
    removeAddress: async ({ address }) => act(`remove ${last(address)}`),
    announce: ({ address }) => act(`arp ${last(address)}`),
    proxy: (name) => ({
      startEarly: () => {},
      ready: () => Promise.resolve(),
      ended: () => Promise.resolve(),
      start: () => act(`start ${name}`),
      stop: () => act(`stop ${name}`),
      recheck: () => act(`recheck ${name}`),
      ...proxy,
    }),
    notify: (state, priority) => act(`notify ${state} ${priority}`),
    onAdvertisementSent: () => {},
    onTakeover: () => act('took over'),
    onReadded: ({ address }) => act(`readded ${last(address)}`),
    onError: (what, error) => acts.push(`could not ${what}: ${error.message}`),
  };
  return { acts, ...createPerformer(instance, ports) };
}

describe('RFC 3768 §6.4.2: the order of a takeover', () => {
  test('advertisement, addresses, ARPs round by round, proxy, hook', async () => {
    const { acts, perform, idle } = performer();
    perform(TAKEOVER, READY);
    // The kernel is asked in the same turn; whatever the daemon tells of it comes while that is under way.
    expect(acts).toEqual(['advert 100 to 224.0.0.18', 'put .5', 'put .6']);
    await idle();
    expect(acts.slice(1)).toEqual(TOOK_OVER);
  });

  test('a release that is not done yet comes first', async () => {
    const { acts, perform, idle } = performer();
    perform(RELEASE, READY);
    perform(TAKEOVER, READY);
    expect(acts).toEqual(['advert 100 to 224.0.0.18']);
    await idle();
    const puts = acts.indexOf('put .5');
    for (const act of ['remove .5', 'remove .6', 'notify BACKUP 100'])
      expect(acts.indexOf(act), act).toBeLessThan(puts);
  });

  test('an address that cannot be put on is told, and the rest goes on', async () => {
    const { acts, perform, idle } = performer(['put .5']);
    perform(TAKEOVER, READY);
    await idle();
    expect(acts).toContain('could not put the virtual addresses on: put .5 is broken');
    expect(acts).toContain('put .6');
    expect(acts.at(-1)).toBe('notify MASTER 100');
  });

  test('without an address of its own it says nothing', async () => {
    const { acts, perform, idle } = performer();
    perform([{ type: 'sendAdvertisement', priority: 100 }], { ...READY, localAddress: null });
    await idle();
    expect(acts).toEqual([]);
  });
});

describe('a proxy that needs no address to be here', () => {
  test('is started before the addresses come, and the first ARPs wait until it takes clients', async () => {
    let listens: () => void = () => {};
    const { acts, perform, idle } = performer([], () => {}, {
      startEarly: () => void acts.push('start early'),
      ready: () => new Promise((resolve) => (listens = resolve)),
    });
    perform(TAKEOVER, READY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(acts.slice(1)).toEqual(['start early', 'put .5', 'put .6']);
    listens();
    await idle();
    expect(acts.slice(4)).toEqual(TOOK_OVER.slice(2));
  });

  test('the addresses and the first ARPs do not wait for it when the predecessor is dead', async () => {
    const { acts, perform, idle } = performer([], () => {}, {
      startEarly: () => void acts.push('start early'),
      ready: () => new Promise(() => {}),
    });
    const atOnce = TAKEOVER.map((effect) =>
      effect.type === 'gratuitousArp' ? { ...effect, atOnce: true } : effect,
    );
    perform(atOnce, READY);
    await idle();
    const [first, second, ...rest] = TOOK_OVER;
    expect(acts.slice(1)).toEqual([first, second, 'start early', ...rest]);
  });

  test('a release meanwhile: no ARP any more', async () => {
    let listens: () => void = () => {};
    const { acts, perform, idle } = performer([], () => {}, {
      ready: () => new Promise((resolve) => (listens = resolve)),
    });
    perform(TAKEOVER, READY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    perform(RELEASE, READY);
    listens();
    await idle();
    expect(acts.slice(3)).toEqual([
      'notify MASTER 100',
      'remove .5',
      'remove .6',
      'stop front',
      'notify BACKUP 100',
    ]);
  });

  test('later bursts wait for nobody', async () => {
    const { acts, perform, idle } = performer([], () => {}, { ready: () => Promise.resolve() });
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    perform([{ type: 'gratuitousArp', repeat: 1 }], READY);
    await idle();
    expect(acts).toEqual(['arp .5', 'arp .6']);
  });
});

describe('the end of a handover', () => {
  const BOW_OUT: readonly Effect[] = [
    { type: 'stopProxy' },
    { type: 'removeAddresses' },
    { type: 'notify', state: 'BACKUP' },
  ];

  test('the addresses stay until the proxy has ended', async () => {
    let end: () => void = () => {};
    const { acts, perform, idle } = performer([], () => {}, {
      ended: () => new Promise((resolve) => (end = resolve)),
    });
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    perform(BOW_OUT, READY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(acts).toEqual(['stop front']);
    end();
    await idle();
    expect(acts).toEqual(['stop front', 'remove .5', 'remove .6', 'notify BACKUP 100']);
  });

  test('a takeover meanwhile does not wait for it', async () => {
    const { acts, perform, idle } = performer([], () => {}, { ended: () => new Promise(() => {}) });
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    perform(BOW_OUT, READY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    perform(TAKEOVER, READY);
    await idle();
    expect(acts.slice(0, 4)).toEqual(['stop front', 'advert 100 to 224.0.0.18', 'remove .5', 'remove .6']);
    expect(acts.at(-1)).toBe('notify MASTER 100');
  });
});

describe('effects that come too late', () => {
  test('a release that is asked for while the takeover is under way: no ARP and no proxy any more', async () => {
    const { acts, perform, idle } = performer();
    perform(TAKEOVER, READY);
    perform(RELEASE, READY);
    await idle();
    expect(acts.slice(1)).toEqual([
      ...['put .5', 'put .6', 'notify MASTER 100'],
      ...['remove .5', 'remove .6', 'stop front', 'notify BACKUP 100'],
    ]);
  });

  test('a renewal behind a release puts nothing on again', async () => {
    const { acts, perform, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    perform([...RELEASE, { type: 'renewAddresses' }], READY);
    await idle();
    expect(acts).toEqual(['remove .5', 'remove .6', 'stop front', 'notify BACKUP 100']);
  });
});

describe('a virtual address that others took away', () => {
  const missing =
    (...gone: string[]) =>
    (address: { address: string }) =>
      !gone.includes(address.address);

  test('is put back and announced while MASTER', async () => {
    const { acts, perform, restore, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    restore(missing('10.9.0.6'));
    await idle();
    expect(acts).toEqual(['put .6', ...Array<string>(5).fill('arp .6'), 'readded .6']);
  });

  test('is put back and not announced in a handover', async () => {
    let master = true;
    const { acts, perform, restore, idle } = performer(
      [],
      () => {},
      {},
      () => master,
    );
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    restore(missing('10.9.0.6'));
    master = false;
    await idle();
    expect(acts).toEqual(['put .6', 'readded .6']);
  });

  test('is not one that a takeover is just putting on, though a snapshot of the interfaces lacks it', async () => {
    // Another instance's address makes the kernel tell of a change at the same moment.
    let snapshots = 2;
    const { acts, perform, restore, idle } = performer([], () => {
      if (snapshots-- > 0) restore(missing('10.9.0.5', '10.9.0.6'));
    });
    perform(TAKEOVER, READY);
    await idle();
    await idle(); // of what the snapshots may have led to
    expect(acts.slice(1)).toEqual(TOOK_OVER);
  });

  test('is put back when the takeover could not put it on', async () => {
    const broken = ['put .6'];
    const { acts, perform, restore, idle } = performer(broken);
    perform(TAKEOVER, READY);
    await idle();
    broken.pop();
    acts.length = 0;
    restore(missing('10.9.0.6'));
    await idle();
    expect(acts).toEqual(['put .6', ...Array<string>(5).fill('arp .6'), 'readded .6']);
  });

  test.each<[string, readonly Effect[]]>([
    ['before the takeover', []],
    ['after the release', [...TAKEOVER, ...RELEASE]],
  ])('is nobody’s business %s', async (_title, effects) => {
    const { acts, perform, restore, idle } = performer();
    perform(effects, READY);
    await idle();
    acts.length = 0;
    restore(missing('10.9.0.6'));
    await idle();
    expect(acts).toEqual([]);
  });
});

describe('another configuration', () => {
  const BURST = (address: string) => Array<string>(5).fill(`arp ${address}`);

  test('while it holds: what is gone is taken away, what is new put on and announced, the rest left alone', async () => {
    const { acts, perform, adjust, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    adjust(instanceWith('10.9.0.6, 10.9.0.7'));
    await idle();
    expect(acts).toEqual(['remove .5', 'put .7', ...BURST('.7')]);
    acts.length = 0;
    perform([{ type: 'renewAddresses' }], READY);
    await idle();
    expect(acts).toEqual(['put .6', 'put .7']);
  });

  test('with the same address and another label: it is taken away first, because the kernel keeps the old label', async () => {
    const { acts, perform, adjust, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    adjust(instanceWith('"10.9.0.5 label eth0:1", 10.9.0.6'));
    await idle();
    expect(acts).toEqual(['remove .5', 'put .5', ...BURST('.5')]);
  });

  test('an address that is new is not taken for one that others took away', async () => {
    let snapshots = 1;
    const { acts, perform, adjust, restore, idle } = performer([], () => {
      if (acts.includes('put .7') && snapshots-- > 0) restore(({ address }) => address !== '10.9.0.7');
    });
    perform(TAKEOVER, READY);
    await idle();
    adjust(instanceWith('10.9.0.5, 10.9.0.6, 10.9.0.7'));
    restore(({ address }) => address !== '10.9.0.7');
    await idle();
    await idle();
    expect(acts).not.toContain('readded .7');
  });

  test('while it does not hold: the host is not touched', async () => {
    const { acts, adjust, idle } = performer();
    adjust(instanceWith('10.9.0.7', 'other'));
    await idle();
    expect(acts).toEqual([]);
  });

  test('in the middle of a release: the old addresses go all the same', async () => {
    const { acts, perform, adjust, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    perform(RELEASE.slice(0, 1), READY);
    adjust(instanceWith('10.9.0.7'));
    await idle();
    expect(acts).toEqual(['remove .7', 'remove .5', 'remove .6']);
  });

  test('in the middle of a takeover: the new addresses are put on, the old ones do not stay', async () => {
    const { acts, perform, adjust, idle } = performer();
    perform(TAKEOVER, READY);
    await Promise.resolve();
    await Promise.resolve(); // the old ones are being put on
    adjust(instanceWith('10.9.0.6, 10.9.0.7'));
    await idle();
    const last = (address: string) =>
      acts.filter((act) => new RegExp(`^(put|remove) ${address}`).test(act)).at(-1);
    expect([last('.5'), last('.6'), last('.7')]).toEqual(['remove .5', 'put .6', 'put .7']);
  });

  test('with another proxy while it holds: the old one is stopped, then the other started', async () => {
    const { acts, perform, adjust, idle } = performer();
    perform(TAKEOVER, READY);
    await idle();
    acts.length = 0;
    adjust(instanceWith('10.9.0.5, 10.9.0.6', 'other'));
    await idle();
    expect(acts).toEqual(['stop front', 'start other']);
  });
});
