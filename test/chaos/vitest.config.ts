import { defineConfig } from 'vitest/config'

/** The short form of the fault lab: a step of its own, for it takes minutes and wants the machine to itself. */
export default defineConfig({
  test: {
    include: ['test/chaos/short.test.ts'],
  },
})
