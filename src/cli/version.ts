/** The version, filled in by the build from package.json. */
export const version = process.env.MEMCACHE_HA_VERSION ?? '0.0.0';
