/** Schema of the notify* keys, which instances and sync groups share. */
import * as z from 'zod/mini';
import { command } from './fields.ts';

function hook(when: string) {
  return z.optional(command()).check(z.describe(`Run ${when}; a failover never waits for it.`));
}

/** The five hooks; `what` is what they tell of, and `word` its name in the arguments of `notify`. */
export function hooks(what: string, word: 'INSTANCE' | 'GROUP') {
  return {
    notify_master: hook(`when the ${what} became MASTER`),
    notify_backup: hook('when it became BACKUP'),
    notify_fault: hook('when it went into FAULT'),
    notify_stop: hook('when the daemon stops'),
    notify: hook(`at every transition with ${word}, name, state and priority appended`),
  };
}
