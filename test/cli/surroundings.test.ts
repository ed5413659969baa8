import { expect, test } from 'vitest'
import { TestProject } from './project.ts'

const ended = (work: Promise<string>): Promise<{ code: number; stdout: string; stderr: string }> =>
  work.then(
    (stdout) => ({ code: 0, stdout, stderr: '' }),
    (error) => error,
  )

test('an invalid command line is told as JSON too, where that is wanted', async () => {
  const { code, stdout } = await ended(new TestProject({}).requeuest('schedules', 'list', '--json', '--limt', '5'))
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    command: 'schedules',
    error: { code: 'usage', message: "unknown option '--limt'" },
  })
})

test.each([
  ['that is empty, as a variable that is not set, and no other database is taken', '', /--database-url is empty/],
  ['that cannot be read is not shown', 'postgresql://me:s3cr#et@127.0.0.1/db', /must be percent-encoded/],
])('a database URL %s', async (_, url, message) => {
  const config = `export default { datasource: { url: 'postgresql://127.0.0.1:1/other' } }`
  const project = new TestProject({ 'prisma.config.ts': config })
  const { code, stderr } = await ended(project.requeuest('clear', '--all', '--yes', '--database-url', url))
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  expect(stderr).not.toContain('s3cr')
})

test('what the code of the project prints goes to stderr, so that --json prints JSON alone', async () => {
  const config = `console.log('loading')\nexport default { datasource: { url: 'postgresql://127.0.0.1:1/other' } }`
  const { stdout, stderr } = await ended(new TestProject({ 'prisma.config.ts': config }).requeuest('stats', '--json'))
  expect(JSON.parse(stdout)).toMatchObject({ command: 'stats', error: { code: 'no_connection' } })
  expect(stderr).toContain('loading\n')
})

test('a config that never ends loading is a failure', async () => {
  const config = 'await new Promise(() => {})\nexport default {}'
  const { code, stderr } = await ended(new TestProject({ 'prisma.config.ts': config }).requeuest('doctor'))
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ended before its work was done') })
})

test('of what Prisma says about an invalid config, no line is endless', async () => {
  const project = new TestProject({ 'prisma.config.ts': 'export default { datasource: { url: 5 } }' })
  const { code, stderr } = await ended(project.requeuest('stats'))
  expect(code).toBe(1)
  expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(400)
})

test.each([
  [['drain', '--schema', 'other'], 'with --no-config'],
  [['drain', '--database-url', 'postgresql://127.0.0.1:1/other'], 'with --no-config'],
  [['dashboard', '--reveal', '--schema', 'other'], 'without --reveal'],
])('%j beside a config with a database of its own is refused, not passed over', async (words, otherwise) => {
  const project = new TestProject({ 'requeuest.config.mjs': 'export default { spawn() {}, waitFor() {} }' })
  const { code, stderr } = await ended(project.requeuest(...words))
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(otherwise) })
})
