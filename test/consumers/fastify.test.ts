import { test } from 'vitest'
import type { Project } from './support/project.ts'
import { expectService } from './support/service.ts'

test('a Fastify application of ES modules delivers and stops when it closes', async () => {
  const build = async (project: Project) => {
    await project.run('tsc')
    return 'dist/app.js'
  }
  await expectService('fastify', build, { code: 0, signal: null })
})
