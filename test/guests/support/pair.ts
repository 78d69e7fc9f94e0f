/** Two guests on one switch, the package installed on both and running, and a client beside them. */
import { fileURLToPath } from 'node:url';
import { until } from '../../../src/lab/await.ts';
import { type LabClient, startClient } from '../../../src/lab/client.ts';
import { createLab, type Lab } from '../../../src/lab/namespaces.ts';
import { createGuest, type Guest } from './guest.ts';
import { baseImage } from './image.ts';
import { type Service, serviceIn } from './service.ts';
import { configFor, type Setting, TARGET, VIP } from './settings.ts';

/** Where the packages are on this machine. */
export const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
/** Where the guests see the directory with the packages. */
export const PACKAGES = '/srv/dist';

export const LAB_CLIENT: readonly string[] = [process.execPath, `${DIST}memcache-ha.cjs`, 'lab-client'];

export interface Guests {
  readonly lab: Lab<'a' | 'b'>;
  readonly a: Guest;
  readonly b: Guest;
  /** Everything of them is gone afterwards. */
  destroy(): Promise<void>;
}

/** Two guests that have booted, with nothing installed. */
export async function bootGuests(): Promise<Guests> {
  const image = await baseImage();
  const lab = await createLab({ prefix: 'mhaguest' });
  const guests: Guest[] = [];
  const destroy = async () => {
    for (const guest of guests) await guest.destroy();
    await lab.destroy();
  };
  try {
    for (const host of [lab.hosts.a, lab.hosts.b]) {
      guests.push(await createGuest(host, { image, shared: { [DIST]: PACKAGES } }));
    }
    await Promise.all(guests.map((guest) => guest.boot()));
    return { lab, a: guests[0]!, b: guests[1]!, destroy };
  } catch (error) {
    await destroy();
    throw error;
  }
}

export interface Pair extends Guests {
  readonly services: Readonly<Record<'a' | 'b', Service>>;
  /** Starts a client that asks through the virtual address once per millisecond; resolves at its first right answer. */
  ask(): Promise<LabClient>;
  /** Resolves when A is MASTER and B is BACKUP, and nothing is missing on either. @throws Error after 60 s, with what is */
  waitWhole(): Promise<void>;
}

/** Installs memcached and this package on both, configures and starts it, as an administrator does. */
export async function startPair(deb: string, setting: Setting): Promise<Pair> {
  const guests = await bootGuests();
  try {
    const services = { a: serviceIn(guests.a), b: serviceIn(guests.b) };
    await Promise.all(
      [services.a, services.b].map(async ({ guest, configure }) => {
        await guest.sh(`apt-get install -qq -y memcached ${PACKAGES}/${deb}`, { deadline: 120_000 });
        // Debian's memcached listens on 127.0.0.1 only, and the other host's proxy writes to it as well.
        await guest.sh(`sed -i 's/^-l 127.0.0.1$/-l ${guest.host.address}/' /etc/memcached.conf`);
        await guest.sh('systemctl restart memcached');
        configure(configFor(guest.host, setting));
        await guest.sh('memcache-ha check');
        await guest.sh('systemctl enable --quiet --now memcache-ha');
      }),
    );
    const waitWhole = () =>
      until('both hosts are well and A is MASTER', () => whole(services), {
        timeout: 60_000,
        every: 50,
      }).then(() => {});
    await waitWhole();
    const ask = async () => {
      const client = startClient(guests.lab.client, { target: TARGET, command: LAB_CLIENT, duration: 600 });
      await client.started;
      return client;
    };
    return { ...guests, services, ask, waitWhole };
  } catch (error) {
    await guests.destroy();
    throw error;
  }
}

/** @throws Error that names what is missing */
async function whole({ a, b }: Pair['services']): Promise<boolean> {
  for (const [service, wanted] of [
    [a, 'MASTER'],
    [b, 'BACKUP'],
  ] as const) {
    const { instances, memcached, proxies } = await service.status();
    const { host } = service.guest;
    const missing = [
      ...instances.filter(({ state }) => state !== wanted).map(({ state }) => `${state}, not ${wanted}`),
      ...memcached.filter(({ status }) => status !== 'up').map(({ detail }) => `memcached: ${detail}`),
      // The BACKUP's is a spare that does not listen.
      ...proxies.filter(({ up }) => !up && wanted === 'MASTER').map(({ detail }) => `proxy: ${detail}`),
      ...proxies
        .flatMap(({ copies }) => copies.filter((one) => !one.up || !one.whole))
        .map(({ name }) => `copy ${name}`),
      ...((await host.holds(VIP)) === (wanted === 'MASTER') ? [] : ['the virtual address']),
    ];
    if (instances.length !== 1) missing.push(`${instances.length} instances`);
    if (missing.length > 0) throw new Error(`${host.name}: ${missing.join('; ')}`);
  }
  return true;
}
