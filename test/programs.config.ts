import { defineConfig } from 'vitest/config'

/** What runs whole programs, each of which takes seconds: the demo, the examples, Prisma's commands, a stranger's application. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: [
      'test/prisma/**/*.test.ts',
      'test/cli/schemas.test.ts',
      'test/journey/demo.test.ts',
      'test/journey/examples.test.ts',
      'test/journey/stranger.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
