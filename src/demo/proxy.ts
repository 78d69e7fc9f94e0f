/** Which proxy the demo's hosts run on VIP:port. The one place that knows; everything else asks for it by these names. */

/** Its name for people, and the program that must be installed for it; null when it is part of memcache-ha. */
export const PROXY = { name: 'the bundled proxy', program: null as string | null };
