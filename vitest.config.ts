import { defineConfig } from 'vitest/config';

/**
 * Four kinds of tests: pure tables, the seeded simulator, the proxy and the refill beside real memcacheds on loopback, and
 * real programs in network namespaces.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 300_000 } },
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
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/netns/require-root.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
