import { defineConfig } from 'vitest/config'

/** Projects of users with other tools, built and run with the packed package. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts', 'test/consumers/support/global-setup.ts'],
    include: ['test/consumers/*.test.ts'],
    // Builds take seconds, and much longer beside other work.
    testTimeout: 600_000,
    maxWorkers: 2,
  },
})
