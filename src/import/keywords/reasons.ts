/** Why whole families of keywords are not carried; each is said in one place. */

export const NO_MAIL = 'no e-mail is sent; alert on the metrics or send it from a notify hook';
export const NO_SNMP = 'there is no SNMP; the same is in /metrics';
export const NO_DBUS = 'there is no D-Bus; ask `memcache-ha status` or /status';
export const NO_LVS = 'memcache-ha balances no load over real servers (LVS, IPVS)';
export const NO_BFD = 'memcache-ha speaks no BFD; advert_int of version 3 goes down to 10 ms';
export const NO_ROUTES =
  'memcache-ha moves addresses only, no routes and no rules; set them in a notify hook';
export const NO_STATIC = 'what does not move with the election is for the network configuration of the host';
export const NO_FIREWALL =
  'memcache-ha makes no firewall rules; it always accepts what is sent to its addresses';
export const NO_STRICT = 'memcache-ha has no strict mode';
export const NO_EXTRA_ARP = 'gratuitous ARPs go out on the interface of their address only';
export const NO_ARP_PAUSES = 'there are no pauses between the gratuitous ARPs of a burst';
export const NO_PROCESSES =
  'memcache-ha is one process; its scheduling, limits and name are for its systemd unit';
export const NO_NAMESPACE = 'start it in that namespace: NetworkNamespacePath= in its systemd unit';
export const NO_BUFFERS = 'memcache-ha does not set the sizes of socket buffers';
export const NO_DUMPS = 'ask `memcache-ha status`';
export const NO_RELOAD_FILES =
  'a reload that does not validate changes nothing, so nothing of this is needed';
export const NO_HMAC = 'memcache-ha knows PASS authentication only';
export const NO_IPVLAN = 'memcache-ha makes no ipvlan interfaces';
export const NO_POLLING = 'the kernel tells of a lost link at once, nothing is polled';
