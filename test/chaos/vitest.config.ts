import { defineConfig } from 'vitest/config'

/** The short form of the fault lab and the faults at every step: they take minutes and want the machine to themselves. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/chaos/short.test.ts', 'test/faults/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
