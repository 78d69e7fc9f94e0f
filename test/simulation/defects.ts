/** Hosts that are broken on purpose, to prove that the checkers can fail. */

export type Defect =
  /** Drops what a master of higher priority says. */
  | 'ignores higher priorities'
  /** Drops everything. */
  | 'deaf'
  | 'never renews'
  | 'keeps the address'
  /** Puts the address on for ever. */
  | 'has no lease'
  | 'never announces'
  | 'speaks as BACKUP'
  /** A MASTER that was stopped for long says so when it goes on. */
  | 'speaks when it wakes'
  | 'preempts though told not to'
  /** Its Master_Down_Interval is two seconds too long. */
  | 'waits too long'
  /** Its timer fires again and again. */
  | 'storms'
  /** Knows nothing of the run before. */
  | 'forgets what it was'
  /** Keeps what it holds when it is told to hand over. */
  | 'does not resign'
  /** Knows that its copy is cold and takes no notice. */
  | 'keeps the address though cold'
  /** Hands over when its copy is cold, and is as good as any when nobody took over. */
  | 'keeps its priority though cold';
