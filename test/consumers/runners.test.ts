import { test } from 'vitest'
import { expectDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'

test('a Vitest project delivers', async () => {
  const project = await createProject('vitest')
  await project.run('vitest', 'run')
  await expectDelivered(project, 1)
})

test('a Jest project in its default mode, CommonJS, delivers and leaves nothing that keeps Jest from ending', async () => {
  const project = await createProject('jest')
  await project.run('jest', '--runInBand')
  await expectDelivered(project, 1)
})
