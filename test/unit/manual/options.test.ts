/** The command table names the options that each command reads, and no others. */
import { afterEach, expect, test, vi } from 'vitest';

interface Read {
  readonly short?: string;
  readonly type: string;
}

let read: Readonly<Record<string, Read>> = {};
vi.mock('node:util', async (original) => ({
  ...(await original<typeof import('node:util')>()),
  parseArgs: ({ options }: { options: Readonly<Record<string, Read>> }) => {
    read = options;
    throw new Error('what the options are is all that is asked');
  },
}));
const { COMMANDS } = await import('../../../src/cli/commands.ts');
const { parseOptions, USAGE } = await import('../../../src/proxy/options.ts');

afterEach(() => vi.restoreAllMocks());

const commands = Object.entries(COMMANDS);

/** In ms: a command's code is loaded, and that of `run` is most of the program. */
const PATIENCE = 30_000;

/** Options that a command takes out of the words before it has parseArgs read the rest, each with a bad value. */
const APART: Readonly<Record<string, readonly (readonly [flag: string, bad: string])[]>> = {
  status: [
    ['--watch', '--watch=never'],
    ['-w', '-w=never'],
  ],
};

test.each(commands.filter(([name]) => name !== 'proxy'))(
  '%s',
  async (name, { load, options }) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    read = {};
    expect(await (await load())([])).toBe(2);
    const apart = APART[name] ?? [];
    const told = options
      .filter(({ flags }) => !apart.some(([flag]) => flags.includes(flag)))
      .map(({ flags, argument }) => [[...flags].sort().join(), argument !== undefined]);
    const takes = Object.entries(read).map(([name, { short, type }]) => [
      [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].sort().join(),
      type === 'string',
    ]);
    expect(told.sort()).toEqual(takes.sort());
    for (const [flag, bad] of apart) {
      expect(options.some(({ flags }) => flags.includes(flag))).toBe(true);
      read = {};
      expect(await (await load())([bad])).toBe(2);
      expect(read, `${flag} is not taken out`).toEqual({});
    }
  },
  PATIENCE,
);

/** A good value for each of the proxy's options. */
const VALUES: Readonly<Record<string, string>> = {
  'HOST:PORT': '127.0.0.1:11211',
  'ADDR:PORT': '127.0.0.1:9651',
  ADDR: '127.0.0.1',
};

test('proxy', () => {
  const { options } = COMMANDS.proxy!;
  for (const { flags, argument } of options) {
    for (const flag of flags) {
      const words = argument === undefined ? [flag] : [flag, VALUES[argument] ?? '1000'];
      expect(parseOptions(['-s', '127.0.0.1', ...words]), flag).not.toHaveProperty('error');
      if (argument !== undefined)
        expect(parseOptions(['-s', '127.0.0.1', flag]), flag).toHaveProperty('error');
    }
  }
  const usage = new Set(USAGE.match(/(?<=^ {2}|, )--?[a-z-]+/gim));
  expect([...usage].filter((flag) => !options.some(({ flags }) => flags.includes(flag)))).toEqual([]);
});
