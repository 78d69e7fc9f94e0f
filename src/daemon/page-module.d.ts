/** What build-page.mjs makes of src/page. */
declare module 'memcache-ha:page' {
  /** The whole page. */
  export const html: string;
  /** Its Content-Security-Policy: nothing but what is in it, and `/pair` of the same host. */
  export const policy: string;
}
