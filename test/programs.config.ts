import { defineConfig } from 'vitest/config'
import { PROGRAMS } from './programs.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: PROGRAMS,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
