import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { root } from '../journey/programs.ts'
import { createDatabase } from '../support/databases.ts'
import { freshDatabase } from '../support/fixture.ts'
import { outsideEnv, run } from '../support/run.ts'

/** Projects of strangers below a folder with the packed package, `prisma` and `pg`, and nothing else. */
const home = mkdtempSync(path.join(tmpdir(), 'requeuest-packed-'))
const bin = path.join(home, 'node_modules', '.bin', 'requeuest')

/** Installing takes most of a minute beside other work. */
const TIMEOUT_MS = 360_000

const projects = {
  esm: {
    'package.json': '{ "type": "module" }',
    'prisma.config.ts':
      "import { defineConfig } from 'prisma/config'\nexport default defineConfig({ datasource: { url: process.env['APP_URL'] ?? fail() } })\nfunction fail(): never { throw new Error('APP_URL is not set') }",
  },
  commonjs: {
    'package.json': '{}',
    'prisma.config.js':
      "const { defineConfig } = require('prisma/config')\nif (!process.env.APP_URL) throw new Error('APP_URL is not set')\nmodule.exports = defineConfig({ datasource: { url: process.env.APP_URL } })",
  },
}

beforeAll(async () => {
  const [packed] = JSON.parse(await run(root, 'npm', ['pack', '--json', '--pack-destination', home])) as [
    { filename: string },
  ]
  const { prisma, pg } = packageJson.devDependencies
  const dependencies = { prisma, pg, requeuest: `file:${packed.filename}` }
  writeFileSync(path.join(home, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await run(home, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'])
  for (const [name, files] of Object.entries(projects)) {
    mkdirSync(path.join(home, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(home, name, file), text)
  }
}, TIMEOUT_MS)

afterAll(() => rmSync(home, { recursive: true }))

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function requeuest(project: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ran> {
  const options = { cwd: path.join(home, project), env: { ...outsideEnv(), DATABASE_URL: '', ...env } }
  return promisify(execFile)(bin, args, options).then(
    (said) => ({ code: 0, ...said }),
    (error: Ran) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  )
}

test.each(Object.keys(projects))(
  'a stranger with a project of %s migrates, looks and changes',
  { timeout: 60_000 },
  async (project) => {
    const env = { APP_URL: await createDatabase(inject('serverUrl'), `packed_${project}`) }
    const before = await requeuest(project, env, 'stats')
    expect(before).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('`requeuest migrate`') })
    expect(before.stderr).toMatch(
      new RegExp(`^Database: packed_${project} on 127\\.0\\.0\\.1:\\d+ \\(from prisma\\.config\\.ts\\)\n`),
    )
    const missing = JSON.parse((await requeuest(project, env, 'migrate', '--dry-run', '--json')).stdout).data.missing
    expect(missing.length).toBeGreaterThan(0)
    expect(JSON.parse((await requeuest(project, env, 'migrate', '--json')).stdout)).toEqual({
      command: 'migrate',
      data: { applied: missing },
    })
    expect((await requeuest(project, env, 'migrate')).stdout).toBe('Nothing to do: the database has all migrations.\n')
    expect(await requeuest(project, env, 'pause', '--channel', 'a')).toMatchObject({ code: 0 })
    expect(JSON.parse((await requeuest(project, env, 'stats', '--json')).stdout)).toMatchObject({
      data: { channels: [{ channel: 'a', pausedAt: expect.any(String) }] },
    })
    expect(await requeuest(project, env, 'doctor')).toMatchObject({ code: 0, stdout: 'Nothing is wrong.\n' })
  },
)

test('the database is that of the option, else of REQUEUEST_DATABASE_URL, else of the config, else of DATABASE_URL', {
  timeout: 60_000,
}, async () => {
  const url = await freshDatabase()
  const other = { REQUEUEST_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }
  const said = async (env: NodeJS.ProcessEnv, ...args: string[]) => {
    const { code, stderr } = await requeuest('esm', env, 'workers', ...args)
    return `${code} ${/\(from (.*)\)/.exec(stderr)?.[1]}`
  }
  // Neither loads the config, which throws.
  expect(await said(other, '--database-url', url)).toBe('0 --database-url')
  expect(await said({ REQUEUEST_DATABASE_URL: url })).toBe('0 REQUEUEST_DATABASE_URL')
  expect(await said({ APP_URL: url, DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })).toBe('0 prisma.config.ts')
  const broken = await requeuest('esm', { DATABASE_URL: url }, 'workers')
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/The Prisma config .* could not be loaded: APP_URL is not set\n.*--database-url/s),
  })
  mkdirSync(path.join(home, 'without'), { recursive: true })
  writeFileSync(path.join(home, 'without', 'package.json'), '{}')
  expect(await requeuest('without', { DATABASE_URL: url }, 'workers')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('(from DATABASE_URL)'),
  })
  expect(await requeuest('without', {}, 'workers')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No database is given'),
  })
})

test('the help is there at once', async () => {
  const durations: number[] = []
  for (let index = 0; index < 5; index++) {
    const startedAtMs = performance.now()
    expect(await requeuest('esm', {}, '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('redrive') })
    durations.push(Math.round(performance.now() - startedAtMs))
  }
  console.log(`requeuest --help: ${durations.join(', ')} ms`)
})
