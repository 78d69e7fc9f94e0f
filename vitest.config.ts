import { defineConfig } from 'vitest/config';

/** What all tests in network namespaces have in common. */
const netns = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: ['test/netns/require-root.ts'],
};

/**
 * Files that want the machine to themselves: they compare times with keepalived's, step through parts of a second, count
 * single waits of a client, take medians of milliseconds, or are a load that others would feel. The rest mostly waits,
 * and runs two files at a time. `--project 'netns*'` is both.
 */
const ALONE = [
  'bundled-backends',
  'bundled-proxy',
  'bytes',
  'flood',
  'hooks',
  'instances',
  'keywords',
  'lab-client',
  'migration',
  'mixed-election',
  'mixed-fault',
  'mixed-return',
  'proxy-cut',
  'real-time',
  'verdicts',
].map((name) => `test/netns/${name}.test.ts`);

/**
 * Four kinds of tests: pure tables, the seeded simulator, the proxy and the refill beside real memcacheds on loopback, and
 * real programs in network namespaces.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: { name: 'page', include: ['test/page/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 900_000 } },
      {
        test: {
          name: 'proxy',
          include: ['test/proxy/**/*.test.ts', 'test/sync/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'netns',
          include: ['test/netns/**/*.test.ts'],
          exclude: ALONE,
          ...netns,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'netns-alone',
          include: ALONE,
          ...netns,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
