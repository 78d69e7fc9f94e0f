/** memcache-ha as systemd runs it in a guest: asked through its control socket and through systemd and the journal. */
import { writeFileSync } from 'node:fs';
import type { Status } from '../../../src/daemon/status.ts';
import { askControl } from '../../../src/io/control-socket.ts';
import { until } from '../../../src/lab/await.ts';
import type { Guest } from './guest.ts';

export const UNIT = 'memcache-ha';
export const CONFIG = '/etc/memcache-ha/memcache-ha.yaml';

/** A change of state from the daemon's log. */
export interface Transition {
  readonly host: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface Service {
  readonly guest: Guest;
  /** @throws Error when the daemon does not answer */
  status(): Promise<Status>;
  mainPid(): Promise<number>;
  /** A property as `systemctl show` has it. */
  property(name: string): Promise<string>;
  /** Every change of state since the guest was made, oldest first, over all starts of the daemon. */
  transitions(): Promise<Transition[]>;
  /** Puts this text in the place of the config file. */
  configure(text: string): void;
}

export function serviceIn(guest: Guest): Service {
  const property = (name: string) => guest.sh(`systemctl show --value --property=${name} ${UNIT}`);
  return {
    guest,
    status: async () => {
      const answer = await askControl(
        guest.path('/run/memcache-ha/control.sock'),
        { command: 'status' },
        2000,
      );
      if (!answer.ok) throw new Error(answer.error);
      return answer.result as Status;
    },
    mainPid: () =>
      until(`${UNIT} runs on ${guest.host.name}`, async () => Number(await property('MainPID')), {
        every: 100,
      }),
    property,
    transitions: async () => {
      const lines = await guest.sh(`journalctl --quiet --output=cat --unit=${UNIT}`);
      return lines.split('\n').flatMap((line) => {
        if (!line.startsWith('{')) return [];
        const { from, to, reason } = JSON.parse(line) as Transition;
        return to === undefined || from === undefined ? [] : [{ host: guest.host.name, from, to, reason }];
      });
    },
    configure: (text) => writeFileSync(guest.path(CONFIG), text),
  };
}
