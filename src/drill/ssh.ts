/** Whether this command is run over ssh, and through which interface. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** True when the ssh session that this command is part of comes in at an address of this interface. */
export async function sessionThrough(name: string): Promise<boolean> {
  const local = sshConnection()?.split(' ')[2];
  return (networkInterfaces()[name] ?? []).some(({ address }) => address === local);
}

/** `CLIENT PORT SERVER PORT` (ssh(1)); sudo takes it out of the environment, so our ancestors are asked too. */
function sshConnection(): string | undefined {
  if (process.env.SSH_CONNECTION !== undefined) return process.env.SSH_CONNECTION;
  for (let pid = process.ppid; pid > 1; ) {
    try {
      const found = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'));
      if (found !== null) return found[1];
      const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
      pid = Number(parent?.[1] ?? 0);
    } catch {
      return undefined; // another user's
    }
  }
  return undefined;
}
