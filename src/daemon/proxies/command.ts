/** A proxy that is any program: started anew each time; that it listens is asked of the kernel. */
import type { Command, Endpoint } from '../../config/config.ts';
import { startChild } from '../../io/child.ts';
import { isListening } from '../../io/listening.ts';
import type { ProxyProgram } from './program.ts';

/** Between two looks whether it listens, in ms. */
const LOOK_EVERY = 10;

export function commandProgram(command: Command, listen: Endpoint): ProxyProgram {
  return {
    launch({ onLine, onListening, onEnd }) {
      let ended = false;
      const look = async (): Promise<void> => {
        const listening = await isListening(listen.host, listen.port);
        if (ended) return;
        if (listening) onListening();
        else setTimeout(look, LOOK_EVERY);
      };
      const child = startChild({
        command,
        onLine,
        onEnd(how) {
          ended = true;
          onEnd(how);
        },
      });
      setImmediate(look);
      return child;
    },
    needsNoAddress: false,
    shut() {},
    recheck() {},
    lookOut() {},
    rest() {},
    close() {},
  };
}
