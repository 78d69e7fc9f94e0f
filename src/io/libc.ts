/**
 * The few calls of the C library that Node does not offer, through koffi. Raw descriptors and byte buffers only;
 * what the bytes mean is known by the callers.
 */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');

const socketFn = libc.func('int socket(int domain, int type, int protocol)');
const closeFn = libc.func('int close(int fd)');
const fcntlFn = libc.func('int fcntl(int fd, int command, int argument)');
const dup3Fn = libc.func('int dup3(int from, int to, int flags)');
const setsockoptFn = libc.func(
  'int setsockopt(int fd, int level, int option, const uint8_t *value, unsigned int length)',
);
const schedSetschedulerFn = libc.func(
  'int sched_setscheduler(int pid, int policy, const uint8_t *parameters)',
);
const bindFn = libc.func('int bind(int fd, const uint8_t *address, unsigned int length)');
const listenFn = libc.func('int listen(int fd, int backlog)');
const shutdownFn = libc.func('int shutdown(int fd, int how)');
const sendtoFn = libc.func(
  'long sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, unsigned int addressLength)',
);
const ifNameToIndexFn = libc.func('unsigned int if_nametoindex(const char *name)');
const recvmsgFn = libc.func('long recvmsg(int fd, void *message, int flags)');

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const EINTR = 4;
export const EAGAIN = 11;
const SHUT_RD = 0;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const FD_CLOEXEC = 1;

/** A system call that failed; `errno` as in errno(3). */
export class SystemCallError extends Error {
  constructor(
    readonly call: string,
    readonly errno: number,
  ) {
    const name = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
    super(`${call}: ${name}`);
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno());
  return result;
}

/** socket(2); throws SystemCallError. */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked('socket', socketFn(domain, type, protocol));
}

/** close(2); throws SystemCallError. */
export function closeDescriptor(fd: number): void {
  checked('close', closeFn(fd));
}

/** if_nametoindex(3); 0: there is no such interface. */
export function interfaceIndex(name: string): number {
  return ifNameToIndexFn(name) as number;
}

/** Keeps the descriptor out of the programs that are started from now on. */
export function setCloseOnExec(fd: number): void {
  checked('fcntl', fcntlFn(fd, F_SETFD, FD_CLOEXEC));
}

/** Makes reads and writes return at once (EAGAIN) instead of waiting; throws SystemCallError. */
export function setNonBlocking(fd: number): void {
  const flags = checked('fcntl', fcntlFn(fd, F_GETFL, 0));
  checked('fcntl', fcntlFn(fd, F_SETFL, flags | O_NONBLOCK));
}

/** dup3(2): `to`, closed, becomes `from` as well, and close-on-exec; throws SystemCallError. */
export function duplicateOnto(from: number, to: number): void {
  checked('dup3', dup3Fn(from, to, O_CLOEXEC));
}

/** setsockopt(2) with a value of bytes; throws SystemCallError. */
export function setSocketOption(fd: number, level: number, option: number, value: Uint8Array): void {
  checked('setsockopt', setsockoptFn(fd, level, option, value, value.length));
}

/** sched_setscheduler(2) of the calling thread, which is the event loop's; throws SystemCallError. */
export function setScheduler(policy: number, priority: number): void {
  checked(
    'sched_setscheduler',
    schedSetschedulerFn(0, policy, new Uint8Array(Int32Array.of(priority).buffer)),
  );
}

/** bind(2) to a raw socket address; throws SystemCallError. */
export function bindSocket(fd: number, address: Uint8Array): void {
  checked('bind', bindFn(fd, address, address.length));
}

/** listen(2); throws SystemCallError. */
export function listenOn(fd: number, backlog: number): void {
  checked('listen', listenFn(fd, backlog));
}

/** shutdown(2) of a listening socket, whoever else has it: it stays bound. Throws SystemCallError. */
export function stopListening(fd: number): void {
  checked('shutdown', shutdownFn(fd, SHUT_RD));
}

/** sendto(2); throws SystemCallError. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): void {
  checked('sendto', Number(sendtoFn(fd, data, data.length, 0, address, address.length)));
}

/**
 * recvmsg(2) into the `struct msghdr` at this address, which points to buffers that do not move. Gives the bytes
 * received, or null when it failed with one of the errors in `expected`; throws SystemCallError.
 */
export function receiveMessage(
  fd: number,
  message: unknown,
  flags: number,
  expected: readonly number[],
): number | null {
  const result = Number(recvmsgFn(fd, message, flags));
  if (result < 0 && expected.includes(koffi.errno())) return null;
  return checked('recvmsg', result);
}
