/** Random text and meta requests, sound and unsound. `CAS(key)` stands for a CAS number that each side knows its own of. */
import type { Random } from './random.ts';

const PLAIN_KEYS = Array.from({ length: 30 }, (_, index) => `k${index}`);
/**
 * Only these are incremented in a pipeline, and nothing but plain numbers is stored there: whether memcached writes a new
 * number into the old item or makes a new one, without its padding, staleness or new time to live, depends on whether
 * somebody still reads the old one.
 */
const COUNTED_KEYS = Array.from({ length: 10 }, (_, index) => `n${index}`);
const KEYS = PLAIN_KEYS.concat([
  'q1',
  'q2',
  'q3',
  'a'.repeat(250),
  'b'.repeat(249),
  'tab\tkey',
  'ctl\x01\x7f\xff',
  'näm\xe9',
]);
/** Only these are decremented, from a number so large that it never becomes shorter. */
const DECREMENTED_KEYS = ['d0', 'd1', 'd2'];
const LARGE_NUMBER = '922337203685477580';
const BAD_KEYS = ['c'.repeat(251), 'd'.repeat(400)];
const NUMBERS = ['0', '1', '5', '10', '99', '922337203685477580', '9', '100', '4294967295'];
const ODD_NUMBERS = [
  '-1',
  '+7',
  'x',
  '1x',
  '99999999999999999999',
  '007',
  '1\t2',
  '-0',
  '4294967296',
  '2147483648',
  '',
];

/** A key that is too long comes alone: memcached then forgets the answers of the requests before it in the pipeline. */
/** None asks for more bytes than follow. */
const ODD_LENGTHS = ['-1', 'x', '1x', '-0', '4294967296', '2147483648', '99999999999999999999', ''];

export function someKey(random: Random, alone = false): string {
  if (alone && random.chance(0.03)) return random.pick(BAD_KEYS);
  return random.pick(KEYS);
}

export function someValue(random: Random): string {
  if (random.chance(0.4)) return random.pick(NUMBERS);
  if (random.chance(0.01)) return 'L'.repeat(20_000 + random.below(60_000));
  if (random.chance(0.05)) return '';
  if (random.chance(0.1)) return `x\r\nEND\r\n\0${'y'.repeat(random.below(10))}\xff`;
  return 'v'.repeat(random.below(200));
}

function number(random: Random): string {
  return random.chance(0.04) ? random.pick(ODD_NUMBERS) : random.pick(NUMBERS);
}

function exptime(random: Random): string {
  if (random.chance(0.03)) return random.pick(ODD_NUMBERS.filter((text) => text !== '1\t2' && text !== '+7'));
  return random.pick(['0', '0', '0', '0', '1000', '3000000', '-1', '2100000000']);
}

function noreply(random: Random): string {
  return random.chance(0.15) ? ' noreply' : '';
}

/** The key of an incr, or of a decr. */
export function countedKey(random: Random, isDecrement: boolean): string {
  return random.pick(isDecrement ? DECREMENTED_KEYS : COUNTED_KEYS);
}

/** A key to be counted, and what it may be set to. */
export function countedItem(random: Random): [string, string] {
  return random.chance(0.3)
    ? [random.pick(DECREMENTED_KEYS), LARGE_NUMBER]
    : [random.pick(COUNTED_KEYS), random.pick(NUMBERS)];
}

function storage(random: Random, alone: boolean): string {
  if (random.chance(0.2)) {
    const [key, number] = countedItem(random);
    return `${random.pick(['set', 'add', 'replace'])} ${key} 5 0 ${number.length}\r\n${number}\r\n`;
  }
  const command = random.pick(['set', 'set', 'set', 'add', 'replace', 'append', 'prepend', 'cas', 'cas']);
  const key = someKey(random, alone);
  const value = someValue(random);
  if (value.length > 1000) return `set ${random.pick(KEYS)} 3 0 ${value.length}\r\n${value}\r\n`;
  const cas =
    command === 'cas' ? ` ${random.chance(0.9) ? `CAS(${key})` : random.pick(['0', 'x', '-1', ''])}` : '';
  const length = random.chance(0.02) ? random.pick(ODD_LENGTHS) : value.length;
  const line = `${command} ${key} ${random.chance(0.02) ? number(random) : random.below(1000)} ${exptime(random)}`;
  const data = random.chance(0.01) ? `${value}zz` : value;
  return `${line} ${length}${cas}${noreply(random)}\r\n${data}\r\n`;
}

function retrieval(random: Random, alone: boolean): string {
  const command = random.pick(['get', 'get', 'get', 'gets', 'gat', 'gats']);
  const many = random.chance(0.1) ? random.below(60) + 1 : random.below(4) + 1;
  const keys = Array.from({ length: many }, () =>
    random.chance(0.1) ? countedItem(random)[0] : someKey(random, alone),
  )
    // memcached uses the keys before one that is too long, and then does not say so.
    .sort((left, right) => Number(right.length > 250) - Number(left.length > 250))
    .join(random.chance(0.05) ? '  ' : ' ');
  return `${command} ${command.startsWith('gat') ? `${exptime(random)} ` : ''}${keys}\r\n`;
}

function update(random: Random, alone: boolean): string {
  const key = someKey(random, alone);
  switch (random.below(5)) {
    case 0:
    case 1:
      return random.chance(0.7)
        ? `incr ${countedKey(random, false)} ${number(random)}${noreply(random)}\r\n`
        : `decr ${countedKey(random, true)} ${random.below(100)}${noreply(random)}\r\n`;
    case 2:
      return `delete ${key}${random.pick(['', '', '', ' 0', ' 5', ' noreply', ' 0 noreply'])}\r\n`;
    default:
      return `touch ${key} ${exptime(random)}${noreply(random)}\r\n`;
  }
}

function metaKey(random: Random, alone: boolean): [string, string] {
  if (!random.chance(0.25)) return [someKey(random, alone), ''];
  const raw = random.pick(['q1', 'q2', 'q3', 'with space', 'nul\0in', 'line\nfeed', 'x'.repeat(180)]);
  const encoded = Buffer.from(raw, 'latin1').toString('base64');
  return [random.chance(0.05) ? `${encoded}!` : encoded, ' b'];
}

function flags(random: Random, letters: readonly string[]): string {
  const chosen = letters.filter(() => random.chance(0.3));
  if (random.chance(0.02)) chosen.push(random.pick(['!', 'v', 'Ox', 'z', '\x80']));
  return chosen.map((flag) => ` ${flag}`).join('');
}

function meta(random: Random, alone: boolean): string {
  const [key, base64] = metaKey(random, alone);
  // memcached sends such a key back raw when mg or ma created the item, which no client can read; the proxy does not.
  const odd = ['with space', 'nul\0in', 'line\nfeed'].map((raw) =>
    Buffer.from(raw, 'latin1').toString('base64'),
  );
  const k = base64 !== '' && odd.includes(key.replace('!', '')) ? [] : ['k'];
  const opaque = `O${random.below(1000)}`;
  const cas = random.chance(0.3)
    ? ` C${random.chance(0.9) ? `CAS(${key})` : random.pick(['0', 'x', '-1'])}`
    : '';
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      return `mg ${key}${base64}${flags(random, ['v', 'f', 's', 't', 'c', ...k, opaque, 'q', 'h', 'u', 'T1000', 'N100', 'R30'])}\r\n`;
    case 3:
    case 4:
    case 5: {
      const value = someValue(random).slice(0, 1000);
      const mode = random.chance(0.5) ? ` M${random.pick(['E', 'A', 'P', 'R', 'S', 'S', 'x', 'AA'])}` : '';
      const rest = flags(random, [
        'c',
        'k',
        opaque,
        'q',
        `F${random.below(500)}`,
        'T500',
        ...(cas === '' ? ['I'] : []),
      ]);
      return `ms ${key} ${random.chance(0.02) ? random.pick(ODD_LENGTHS) : value.length}${base64}${mode}${cas}${rest}\r\n${value}\r\n`;
    }
    case 6:
      return `md ${key}${base64}${cas}${flags(random, ['k', opaque, 'q', 'I', 'T40'])}\r\n`;
    case 7: {
      const common = ['v', 'c', 't', 'k', opaque, 'q', 'N100', 'J13'];
      if (random.chance(0.3)) {
        const mode = random.pick(['D', '-']);
        return `ma ${countedKey(random, true)} M${mode}${cas}${flags(random, [...common.slice(0, -2), `D${random.below(100)}`])}\r\n`;
      }
      const mode = random.chance(0.5) ? ` M${random.pick(['I', '+', 'x'])}` : '';
      return `ma ${countedKey(random, false)}${mode}${cas}${flags(random, [...common, `D${number(random)}`])}\r\n`;
    }
    default:
      return random.pick([
        'mn\r\n',
        `me ${someKey(random, alone)}\r\n`,
        'mx k\r\n',
        'mg\r\n',
        'ms k\r\n',
        'ma\r\n',
        'md\r\n',
      ]);
  }
}

function wrong(random: Random): string {
  const lines = [
    `mg k1 s O${'o'.repeat(40)}\r\n`,
    `ms k1 2 O${'o'.repeat(40)}\r\nab\r\n`,
    `md k1 O${'o'.repeat(40)}\r\n`,
    'bogus\r\n',
    'get\r\n',
    'gat\r\n',
    'gat 0\r\n',
    'gat x k1\r\n',
    'set k1\r\n',
    'set k1 0 0\r\n',
    'set k1 0 0 5 noreply extra\r\n',
    'incr k1\r\n',
    'incr k1 1 2 3\r\n',
    'touch k1\r\n',
    'delete\r\n',
    'delete k1 0 noreply x\r\n',
    'verbosity\r\n',
    'verbosity x\r\n',
    'verbosity 0\r\n',
    'verbosity 0 noreply\r\n',
    'flush_all x\r\n',
    'flush_all 0 noreply x\r\n',
    'x\r\n',
    '\r\n',
    ' \r\n',
    'GET k1\r\n',
    'get k1\n',
    ' get k1 \r\n',
    'get k1\0k2 k3\r\n',
    'version\r\n',
    'version x\r\n',
    'stats reset\r\n',
    'stats nonsense\r\n',
    'shutdown\r\n',
  ];
  return random.pick(lines);
}

/** One request. */
export function textRequest(random: Random, alone: boolean): string {
  const kind = random.below(100);
  if (kind < 30) return storage(random, alone);
  if (kind < 55) return retrieval(random, alone);
  if (kind < 72) return update(random, alone);
  if (kind < 95) return meta(random, alone);
  if (kind < 99) return wrong(random);
  return random.chance(0.2)
    ? random.pick(['flush_all\r\n', 'flush_all 0\r\n', 'flush_all noreply\r\n'])
    : retrieval(random, alone);
}

/** All keys that are ever written, raw. */
export const ALL_KEYS = [
  ...KEYS,
  ...COUNTED_KEYS,
  ...DECREMENTED_KEYS,
  'k1\r',
  'with space',
  'nul\0in',
  'line\nfeed',
  'x'.repeat(180),
];
