import { test } from 'vitest'
import type { Project } from './support/project.ts'
import { expectService } from './support/service.ts'

test('a NestJS application, compiled to CommonJS, delivers and stops with its shutdown hooks', async () => {
  const build = async (project: Project) => {
    await project.run('tsc')
    return 'dist/main.js'
  }
  // Nest ends itself with the signal that it got.
  await expectService('nest', build, { code: null, signal: 'SIGTERM' })
})
