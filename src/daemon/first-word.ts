/**
 * The first advertisement of a daemon that takes the place of one that died as MASTER: sent before most of the program is
 * loaded, because its peers wait no longer than three intervals. Whether the host can go on as MASTER is found out after
 * it; if it cannot, they have waited once more in vain.
 */
import type { Config, InstanceConfig } from '../config/config.ts';
import { encodeAdvertisement } from '../core/vrrp/packet.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { sinceBoot } from '../io/boot.ts';
import { interfaceIndex } from '../io/libc.ts';
import { readStateFile } from '../io/state-file.ts';
import { openVrrpSocket } from '../io/vrrp-socket.ts';
import { destinationsOf } from './perform.ts';
import { asRecord, recentMasters, recordFile, type Spoken } from './record.ts';

/** Turns of the event loop in which the socket sends what it was given. */
const TURNS = 3;

/** Resolves with when each instance has spoken, in ms since the boot; never rejects. */
export async function speakFirst(config: Config): Promise<ReadonlyMap<string, Millis>> {
  const spoken = new Map<string, Millis>();
  const record = asRecord(readStateFile(recordFile(config.global.control)));
  if (record === null) return spoken;
  const masters = recentMasters(record, config, spoken);
  const closers: (() => void)[] = [];
  for (const instance of config.instances) {
    const last = masters.get(instance.name);
    if (last === undefined) continue;
    try {
      closers.push(speak(instance, last));
      spoken.set(instance.name, sinceBoot());
    } catch {
      // No such interface, no such right: the start itself will say so.
    }
  }
  for (let i = 0; i < TURNS && closers.length > 0; i++) await new Promise((resolve) => setImmediate(resolve));
  for (const close of closers) close();
  return spoken;
}

/** Repeats the advertisement; returns what closes the socket. */
function speak({ interface: base, vmac, vrrp }: InstanceConfig, { priority, source }: Spoken): () => void {
  const device = vmac === null || vmac.transmitBase ? base : vmac.name;
  const index = interfaceIndex(device);
  if (index === 0) throw new Error(`there is no interface ${device}`);
  const socket = openVrrpSocket({
    ...{ interface: device, interfaceIndex: index, localAddress: source, sendOnly: true },
    unicast: vrrp.unicastPeers.length > 0,
    onDatagram() {},
    onSendError() {},
    onClosed() {},
  });
  for (const destination of destinationsOf(vrrp)) {
    socket.send(encodeAdvertisement({ ...vrrp, priority }, source, destination), destination);
  }
  return socket.close;
}
