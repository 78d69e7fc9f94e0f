import { defineConfig } from 'vitest/config';

/** The package in booted Debian guests; by hand, because it takes minutes and a Debian of its own. */
export default defineConfig({
  test: {
    include: ['test/guests/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
    bail: 0,
    globalSetup: ['test/netns/require-root.ts', 'test/guests/support/prepare.ts'],
  },
});
