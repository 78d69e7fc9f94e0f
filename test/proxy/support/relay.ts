/** A TCP relay on loopback whose link can be cut and healed: what a network between two hosts does to their connections. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** From here on nothing comes through, and nobody is told: connections stay open, new ones are taken and stay silent. */
  cut(): void;
  /** Lets everything through again; connections that were open during the cut are reset. */
  heal(): void;
  close(): Promise<void>;
}

/** Relays to `target` on loopback; what it answers comes `delay` ms later. It is cut as soon as `fatal` is asked. */
export async function startRelay(target: number, delay = 0, fatal?: string): Promise<Relay> {
  const links = new Set<{ near: Socket; far: Socket }>();
  let isCut = false;
  const server: Server = createServer((near) => {
    near.on('error', () => {});
    near.pause();
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    near.setNoDelay(true);
    far.on('error', () => near.destroy());
    const link = { near, far };
    links.add(link);
    near.on('close', () => {
      links.delete(link);
      // A reset that the other side sends does not get through a cut either.
      if (!isCut) far.destroy();
    });
    far.on('close', () => {
      if (!isCut) near.destroy();
    });
    if (isCut) return;
    if (fatal === undefined) near.pipe(far);
    else near.on('data', (bytes) => (bytes.includes(fatal) ? cut() : far.write(bytes))).resume();
    if (delay === 0) far.pipe(near);
    else far.on('data', (bytes) => setTimeout(() => near.destroyed || near.write(bytes), delay));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = (): void => {
    for (const { near, far } of links) {
      near.destroy();
      far.destroy();
    }
  };
  const cut = (): void => {
    isCut = true;
    for (const { near, far } of links) {
      near.unpipe(far);
      far.unpipe(near);
      near.pause();
      far.pause();
    }
  };
  return {
    port: (server.address() as { port: number }).port,
    cut,
    heal() {
      isCut = false;
      reset();
    },
    close() {
      reset();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
