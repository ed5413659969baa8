import { defineConfig } from 'vitest/config'
import { PROGRAMS } from './programs.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: [...PROGRAMS, 'test/**/*.slow.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
