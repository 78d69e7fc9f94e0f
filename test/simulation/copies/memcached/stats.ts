/** `stats`: the lines that tools and the proxy read, under memcached's names. */

import { ITEM_SIZE_MAX, type Session } from './session.ts';
import { itemSize } from './size.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;
/** memcached's clock starts so many seconds before its uptime does. */
const UPTIME_OFFSET_S = 60;

/** The whole answer to `stats` with the words behind it. */
export function statsCommand(session: Session, words: readonly string[]): string {
  switch (words[0]) {
    case undefined:
      return lines(general(session));
    case 'settings':
      return lines([
        ['maxbytes', LIMIT_BYTES],
        ['item_size_max', ITEM_SIZE_MAX],
        ['flush_enabled', 'yes'],
        ['dump_enabled', 'yes'],
      ]);
    case 'reset':
      return 'RESET\r\n';
    case 'items':
    case 'slabs':
    case 'sizes':
      return 'END\r\n';
    default:
      return 'ERROR\r\n';
  }
}

function lines(values: readonly (readonly [string, string | number])[]): string {
  return `${values.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}END\r\n`;
}

function general({ store, pid, seconds }: Session): [string, string | number][] {
  let bytes = 0;
  for (const item of store.items.values()) bytes += itemSize(item);
  return [
    ['pid', pid],
    ['uptime', store.now - UPTIME_OFFSET_S],
    ['time', seconds()],
    ['version', '1.6.18'],
    ['cmd_flush', store.counters.flushes],
    ['limit_maxbytes', LIMIT_BYTES],
    ['bytes', bytes],
    ['curr_items', store.items.size],
    ['total_items', store.counters.stored],
    ['evictions', store.counters.evictions],
  ];
}
