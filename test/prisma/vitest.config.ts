import { defineConfig } from 'vitest/config'

/** What runs Prisma's commands: each takes a second or more, and none depends on how requests are sent. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/prisma/**/*.test.ts', 'test/journey/stranger.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
