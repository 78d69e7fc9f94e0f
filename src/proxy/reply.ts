/** Answers that the proxy gives a text client by itself. */
import { enqueueOp, settleWith } from './output.ts';
import type { Client } from './types.ts';
import { newOp } from './types.ts';

/** memcached's KEY_MAX_LENGTH, in bytes. */
export const MAX_KEY = 250;

/** Answers a request by the one line `line`, in its turn; `muted` (noreply): by nothing. */
export function reply(client: Client, line: string, muted = false): void {
  const op = newOp(client);
  if (muted) op.mute = 'all';
  enqueueOp(client, op);
  settleWith(op, Buffer.from(`${line}\r\n`, 'latin1'));
}
