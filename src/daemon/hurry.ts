/** The daemon's place among the processes of the host, as the configuration has it. */
import type { Logger } from 'pino';
import { setRealTimePriority } from '../io/scheduling.ts';

/** keepalived's `vrrp_rt_priority`. Without the right to it the daemon does its work all the same. */
export function hurry(realTimePriority: number, log: Logger): void {
  try {
    setRealTimePriority(realTimePriority);
  } catch (error) {
    log.error(
      `global_defs.vrrp_rt_priority: ${(error as Error).message}: it needs CAP_SYS_NICE or RLIMIT_RTPRIO`,
    );
  }
}
