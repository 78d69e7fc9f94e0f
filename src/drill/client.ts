/** The drill's client: the lab's, run on this host, asking through the virtual address for a key of its own. */
import { connect } from 'node:net';
import { parseEndpoint } from '../config/endpoint.ts';
import { type LabClient, startClient } from '../lab/client.ts';
import { spawnHere } from '../lab/process.ts';
import { THRESHOLD } from './outage.ts';

/** Longest time for the deletion of the key, in ms. */
const PATIENCE = 1_000;

/**
 * Starts it; the key expires by itself after `lifetime` ms.
 * @param self the words that run this program
 */
export function startDrillClient(
  self: readonly string[],
  target: string,
  key: string,
  lifetime: number,
): LabClient {
  const seconds = Math.ceil(lifetime / 1000);
  return startClient(
    { spawn: spawnHere },
    {
      target,
      key,
      command: [...self, 'lab-client'],
      value: 'drill',
      ttl: seconds,
      duration: Math.min(3600, seconds),
      threshold: THRESHOLD,
      expectAny: true,
    },
  );
}

/** Deletes the key through the virtual address; false when it could not, and then it expires. Never rejects. */
export function deleteKey(target: string, key: string): Promise<boolean> {
  const at = parseEndpoint(target, null);
  if (!at.ok) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(at.value);
    let answer = '';
    const end = (done: boolean) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(done);
    };
    const deadline = setTimeout(() => end(false), PATIENCE);
    socket.on('connect', () => socket.write(`delete ${key}\r\n`));
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      if (answer.includes('\r\n')) end(/^(DELETED|NOT_FOUND)\r\n/.test(answer));
    });
    socket.on('error', () => end(false)).on('close', () => end(false));
  });
}
