import { test } from 'vitest'
import { expectService } from './support/service.ts'

test('a NestJS application, compiled to CommonJS, delivers and stops with its shutdown hooks', async () => {
  await expectService('nest', {
    build: async (project) => {
      await project.run('tsc')
      return 'dist/main.js'
    },
    // When all is done, Nest gives itself the signal again.
    ends: { code: null, signal: 'SIGTERM' },
  })
})
