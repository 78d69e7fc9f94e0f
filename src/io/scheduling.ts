/** Under which of the kernel's schedulers the event loop runs; see sched(7). */
import { setScheduler } from './libc.ts';

const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** Programs that are started from now on run as any other. */
const SCHED_RESET_ON_FORK = 0x4000_0000;

/**
 * The event loop goes before every ordinary process of the host: real time, with this priority of 1 to 99; 0: it is
 * one of them. Throws SystemCallError (EPERM without CAP_SYS_NICE and RLIMIT_RTPRIO). The kernel leaves the others a
 * twentieth of each second (sched_rt_runtime_us), whatever a real-time program does.
 */
export function setRealTimePriority(priority: number): void {
  if (priority === 0) setScheduler(SCHED_OTHER, 0);
  else setScheduler(SCHED_RR | SCHED_RESET_ON_FORK, priority);
}
