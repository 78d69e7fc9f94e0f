/** Which of the two copies of a key decides (its authority). Pure; who is up and whole is found out by the proxy. */

/** 0: the server (`-s`), 1: its backup (`-b`). */
export type Side = 0 | 1;

/** What counts of one copy. `up`: takes commands. `whole`: saw every write that its pair answered (wholeness.ts). */
export interface Copy {
  readonly up: boolean;
  readonly whole: boolean;
}

/**
 * Who decides and who is read: the server while it is whole, else the backup, else whichever is up (it was emptied when it
 * came back, so it has nothing old); null: nobody. `backup` is null where the server has none.
 */
export function authorityOf(server: Copy, backup: Copy | null): Side | null {
  if (server.up && server.whole) return 0;
  if (backup?.up && backup.whole) return 1;
  if (server.up) return 0;
  return backup?.up ? 1 : null;
}
