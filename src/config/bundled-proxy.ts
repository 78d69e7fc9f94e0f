/** What the daemon and the bundled proxy agree on, which run as two processes of the same program. */

/** Flags that Node.js gets for the proxy: a small young generation keeps it below 90 MB, at no cost that shows. */
export const PROXY_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=2'];

/**
 * What is in the proxy's environment besides ours. Its buffers of 64 KiB go back to the kernel one by one; in glibc's
 * heap what lay between them kept 10 MB after a load (mallopt(3), M_MMAP_THRESHOLD). Other C libraries ignore it.
 */
export const PROXY_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_MMAP_THRESHOLD_: '65536' };

/** A proxy that was started with `--standby` takes clients once this is on its standard input … */
export const ACCEPT = 'accept';
/** … and says so with this line on its standard output. */
export const ACCEPTING = 'accepting';
