import { expect, inject, test } from 'vitest'
import { asAdmin } from '../support/databases.ts'
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

test.each([
  ['as it is', []],
  ['with the package inlined', ['--config=inline.config.ts']],
])('a Vitest project, %s, tests what it spawns with the testing kit', async (_how, options) => {
  const project = await createProject('testing-vitest')
  await project.run('tsc')
  await project.run('vitest', 'run', ...options)
  expect(await testDatabases()).toEqual([])
})

test('a Jest project tests what it spawns with the testing kit', async () => {
  const project = await createProject('testing-jest')
  await project.run('tsc', '--noEmit')
  await project.run('jest')
  expect(await testDatabases()).toEqual([])
})

/** Those that the kit has created and not dropped. */
function testDatabases(): Promise<unknown[]> {
  const names = "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'"
  return asAdmin(inject('serverUrl'), async (client) => (await client.query(names)).rows)
}
