import { expect, test } from 'vitest'
import { expectService } from './support/service.ts'

test('a NestJS application, compiled to CommonJS, delivers, calls its @OnSettled methods, and stops with its shutdown hooks', async () => {
  const { output } = await expectService('nest', {
    build: async (project) => {
      await project.run('tsc')
      return 'dist/main.js'
    },
    // When all is done, Nest gives itself the signal again.
    ends: { code: null, signal: 'SIGTERM' },
  })
  expect(output.match(/bill delivered after 1 attempt/g)).toHaveLength(2)
})
