/** One drill at a time on a host. */
import { createServer } from 'node:net';
import { Refusal } from './refusal.ts';

/** An abstract socket (unix(7)): no file is left, the kernel gives the name back when its holder dies. */
const NAME = '\0memcache-ha-drill';

/** Holds the claim until this process ends; rejects with Refusal when another drill has it. */
export function claimDrill(name = NAME): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Refusal('another drill runs on this host') : error);
    });
    server.listen(name, () => {
      server.unref();
      resolve();
    });
  });
}
