/** What an item takes in memcached's memory (memcached 1.6.18, items.c and slabs.c, default growth factor). */
import type { Item } from './store.ts';

const ITEM_HEADER_BYTES = 48;
const CAS_BYTES = 8;
const FLAGS_BYTES = 4;
const FIRST_CHUNK_BYTES = 96;
const GROWTH = 1.25;

/** What an item takes in memcached's memory. */
export function itemSize(item: Item): number {
  const flags = item.flags === 0 ? 0 : FLAGS_BYTES;
  return ITEM_HEADER_BYTES + CAS_BYTES + flags + item.key.length + 1 + item.value.length + 2;
}

/** The slab class of that size. */
export function slabClass(size: number): number {
  let chunk = FIRST_CHUNK_BYTES;
  let number = 1;
  while (chunk < size) {
    chunk = Math.ceil((chunk * GROWTH) / 8) * 8;
    number++;
  }
  return number;
}
