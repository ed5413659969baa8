import { expect, test } from 'vitest'
import { expectDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'

test('a Vitest project delivers', async () => {
  const project = await createProject('vitest')
  await project.run('vitest', 'run')
  await expectDelivered(project, 1)
})

test('a Jest project in its default mode, CommonJS, delivers', async () => {
  const project = await createProject('jest')
  // Fails when something is left that keeps the process alive.
  await project.run('jest', '--detectOpenHandles')
  await expectDelivered(project, 1)
})
