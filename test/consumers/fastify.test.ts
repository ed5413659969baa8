import { test } from 'vitest'
import { expectService } from './support/service.ts'

test('a Fastify application of ES modules delivers and stops when it closes', async () => {
  await expectService('fastify', {
    build: async (project) => {
      await project.run('tsc')
      return 'dist/app.js'
    },
    ends: { code: 0 },
  })
})
