/** Converters for blocks whose lines are values: addresses, peers, names, tracked things. */
import { isIpv4 } from '../../config/host-address.ts';
import { SCOPES } from '../../config/virtual-address.ts';
import { append, type Entry, type Loss, list } from '../model.ts';
import type { Statement } from '../read/tree.ts';
import { lossOf, originOf } from './origin.ts';
import type { Convert, Converted } from './treatment.ts';

/** A line as text, with what of it is left out. */
type Line = (line: Statement) => { readonly value: string; readonly losses: readonly Loss[] };

function lines(convert: Line): Convert {
  return (statement): Converted => {
    if (statement.block === null) return { ok: false, reason: 'has no block' };
    const entries: Entry[] = [];
    const losses: Loss[] = [];
    for (const line of statement.block) {
      if (line.words.length === 0 || line.block !== null) {
        losses.push(lossOf(line, 'no block can stand here'));
        continue;
      }
      const converted = convert(line);
      entries.push({ key: null, value: converted.value, origin: originOf(line) });
      append(losses, converted.losses);
    }
    return { ok: true, value: list(entries), losses };
  };
}

/** Every word of the block, on however many lines. */
export const names: Convert = (statement) => {
  if (statement.block === null) return { ok: false, reason: 'has no block' };
  const entries = statement.block.flatMap((line) => {
    const origin = originOf(line);
    return line.words.map((value) => ({ key: null, value, origin }));
  });
  return { ok: true, value: list(entries) };
};

/** `NAME [weight N [reverse]]` */
export const trackedCount: Convert = lines(({ words }) => ({ value: words.join(' '), losses: [] }));

/** The same of interfaces and scripts, for which 254 is what keepalived's limit of 253 was once. */
export const tracked: Convert = lines((line) => {
  const words = line.words.map((word, i) =>
    line.words[i - 1] === 'weight' ? word.replace(/^([+-]?)254$/, '$1253') : word,
  );
  return { value: words.join(' '), losses: [] };
});

/** `ADDRESS [min_ttl N] [max_ttl N]` */
export const peers: Convert = lines((line) => {
  const [address = '', ...options] = line.words;
  const losses = options.length === 0 ? [] : [lossOf(line, 'the TTL of a unicast peer is not checked')];
  return { value: address, losses };
});

/** Options of an address that stay, by their number of words; those of `ip address` that do not. */
const OPTIONS: Readonly<Record<string, 1 | 2>> = {
  ...{ dev: 2, label: 2, scope: 2, brd: 2, broadcast: 2, peer: 2, preferred_lft: 2, track_group: 2 },
  ...{ home: 1, '-nodad': 1, mngtmpaddr: 1, noprefixroute: 1, autojoin: 1, no_track: 1, use_vmac: 1 },
};

/**
 * `ADDRESS[/LEN]` and its options. An option that is not supported goes, the address stays. `device` is the
 * instance's interface, `made` the one that use_vmac puts in its place.
 */
export function addresses(device: string | undefined, made = device): Convert {
  return lines((line) => {
    const [address = '', ...rest] = line.words;
    const kept = [address];
    const losses: Loss[] = [];
    const named = rest.indexOf('dev');
    const label = (named < 0 || rest[named + 1] === device ? made : rest[named + 1]) ?? '';
    for (let i = 0; i < rest.length; ) {
      const option = rest[i]!;
      const size = Object.hasOwn(OPTIONS, option) ? OPTIONS[option]! : 1;
      const words = rest.slice(i, i + size);
      const reason = refusal(words, label, address.includes(':'));
      if (reason === null) kept.push(...words);
      else losses.push({ ...lossOf(line, reason), what: `${address} ${words.join(' ')}` });
      i += size;
    }
    return { value: kept.join(' '), losses };
  });
}

/** Why an option is left out, or null. */
function refusal([option = '', value]: readonly string[], device: string, ipv6: boolean): string | null {
  const size = Object.hasOwn(OPTIONS, option) ? OPTIONS[option]! : undefined;
  if (size === undefined) return 'keepalived knows no such option of an address';
  if (size === 2 && value === undefined) return 'nothing follows it';
  switch (option) {
    case 'dev':
      return null;
    case 'label':
      if (ipv6) return 'an IPv6 address has no label; keepalived passes it on in vain';
      return value!.startsWith(device) ? null : `a label must begin with the interface's name, ${device}`;
    case 'scope':
      return SCOPES.some((scope) => scope === value) ? null : `the scope must be ${SCOPES.join(', ')}`;
    case 'brd':
    case 'broadcast':
      if (ipv6) return 'an IPv6 address has no broadcast address; keepalived passes over it';
      return isIpv4(value!) ? null : 'the broadcast address must be written out';
    case 'no_track':
      return 'an address that somebody removes is always put back';
    case 'preferred_lft':
      return 'the lifetimes of an address are vip_lease';
    default:
      return 'memcache-ha has no such option of an address';
  }
}
