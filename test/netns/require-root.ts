/** The namespace tests start real daemons and real memcacheds: without root they must fail, never pass in silence. */
export function setup(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('test/netns needs root (network namespaces, VRRP sockets): run `sudo npm test`');
  }
}
