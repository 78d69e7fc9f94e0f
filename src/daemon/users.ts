/** Who scripts and hooks run as: the names of a configuration, looked up on this host. */
import type { Config } from '../config/config.ts';
import { mayBecomeOthers } from '../io/capabilities.ts';
import { lookUpUser, type User } from '../io/user.ts';

/** keepalived's default user of scripts, when there is such a user. */
const DEFAULT_SCRIPT_USER = 'keepalived_script';
/** What a daemon that is not root says of other users. */
const CONFINED =
  'the daemon is not root and may become no other user: leave it out, or grant CAP_SETUID, CAP_SETGID and CAP_KILL (drop-ins/script-user.conf)';

/**
 * Who scripts and hooks run as, looked up once so that a missing user is found at the start. keepalived's rule: the
 * script's own user, else `script_user`, else keepalived_script when there is such a user, else ourselves. Throws with
 * the key and the name of one that is missing, or that we may not become: nothing runs as somebody whom nobody named.
 */
export function resolveUsers(config: Config): (name: string | null) => User | undefined {
  const anybody = mayBecomeOthers();
  const wanted = [
    { key: 'global_defs.script_user', name: config.global.scriptUser },
    ...config.scripts.map(({ name, user }) => ({ key: `vrrp_script.${name}.user`, name: user })),
  ];
  const users = new Map<string, User>();
  for (const { key, name } of wanted) {
    if (name === null || users.has(name)) continue;
    const user = lookUpUser(name);
    if (user === null) throw new Error(`${key}: there is no user ${name}`);
    if (!anybody && user.uid !== process.getuid!()) throw new Error(`${key}: ${name}: ${CONFINED}`);
    users.set(name, user);
  }
  const { scriptUser } = config.global;
  if (!anybody) return () => undefined; // all of them are ourselves
  const standard =
    scriptUser === null ? (lookUpUser(DEFAULT_SCRIPT_USER) ?? undefined) : users.get(scriptUser);
  return (name) => (name === null ? standard : users.get(name));
}
