import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { DATASOURCE, TestProject } from './project.ts'

test('init works as a command, in the folder that it is run in', async () => {
  const project = new TestProject({ 'schema.prisma': DATASOURCE })
  expect(await project.requeuest('init')).toMatch(/^Done:\n {2}add {4}schema.prisma: /)
  expect(project.read('schema.prisma')).toContain('model HttpRequest {')
})

test('help and version', async () => {
  const project = new TestProject({})
  const [help, version] = await Promise.all([project.requeuest('init', '--help'), project.requeuest('--version')])
  for (const flag of ['--schema <path>', '--migrations <path>', '--database-schema <name>', '--dry-run'])
    expect(help).toContain(flag)
  expect(version).toBe(`${packageJson.version}\n`)
})

test('what cannot work ends with one clear message: with 2 if the command line is invalid, else with 1', async () => {
  const project = new TestProject({})
  const failure = (code: number, said: string) =>
    expect.objectContaining({ code, stdout: '', stderr: expect.stringMatching(said) })
  await Promise.all([
    expect(project.requeuest('init', '--shcema', 'x')).rejects.toEqual(failure(2, "^error: unknown option '--shcema'")),
    expect(project.requeuest('innit')).rejects.toEqual(failure(2, "^error: unknown command 'innit'")),
    expect(project.requeuest('init')).rejects.toEqual(
      failure(1, '^error: No Prisma schema was found in [^]*--schema\\.\n$'),
    ),
  ])
})
