import { defineConfig } from 'vitest/config';

/** Measurements beside keepalived and memcached in the same run; not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/bench/**/*.test.ts', 'test/bench/**/*.bench.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    globalSetup: ['test/netns/require-root.ts'],
  },
});
