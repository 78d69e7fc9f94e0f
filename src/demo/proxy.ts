/** Which proxy the demo's hosts run on VIP:port. The one place that knows; everything else asks for it by these names. */

/** Its name for people, and the program that must be installed for it; null when it is part of memcache-ha. */
export const PROXY = { name: 'the bundled proxy', program: null as string | null };

/**
 * A memcached that comes back is empty, and nobody fills it: so the demo itself puts the client's key on it. Writes of
 * the client go to both memcacheds while both are there.
 */
export const REFILLS = false;
