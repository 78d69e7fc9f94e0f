/** Whether a memcached can be one of two copies at all: what its answers to the handshake tell. Pure. */

/**
 * Why not, or null. `version`: what it calls itself; `noop`: its answer to `mn`; `settings`: its answer to `stats settings`,
 * where `flush_enabled` is no after `-F`.
 */
export function whyNoCopy(version: string, noop: string, settings: string): string | null {
  if (!noop.startsWith('MN')) return `memcached ${version} has no meta commands, a copy needs 1.6 or later`;
  if (/^STAT flush_enabled no/m.test(settings)) {
    return 'it was started with -F (flush_all is disabled), so that a copy which missed writes could not be emptied';
  }
  return null;
}
