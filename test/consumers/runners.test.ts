import { test } from 'vitest'
import { expectDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'

test.each([
  ['as it is', []],
  ['with the package inlined', ['--config=inline.config.ts']],
  ['with a realm for each file', ['--pool=vmThreads']],
])('a Vitest project, %s, delivers', async (_how, options) => {
  const project = await createProject('vitest')
  await project.run('vitest', 'run', ...options)
  await expectDelivered(project, 1)
})

test('a Jest project in its default mode, CommonJS, delivers and leaves nothing that keeps Jest from ending', async () => {
  const project = await createProject('jest')
  await project.run('jest', '--runInBand')
  await expectDelivered(project, 1)
})
