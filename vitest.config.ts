import { configDefaults, defineConfig } from 'vitest/config'
import { PROGRAMS } from './test/programs.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // Steps of their own: npm run test:chaos:short, npm run test:consumers, npm run test:programs.
      'test/chaos/short.test.ts',
      'test/faults/**',
      'test/consumers/**',
      ...PROGRAMS,
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
