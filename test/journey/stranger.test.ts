import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
// Says where the schema engine is, for the processes that this test starts.
import '../../prisma.config.ts'
import { createDatabase } from '../support/databases.ts'
import { run } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fixtures = fileURLToPath(new URL('stranger', import.meta.url))
const home = mkdtempSync(path.join(tmpdir(), 'requeuest-stranger-'))
const folderProject = path.join(home, 'folder')
const fileProject = path.join(home, 'file')
/** Their models are in several Postgres schemas, or all in one that is not public. */
const schemaProjects = {
  besidePublic: path.join(home, 'beside-public'),
  withoutPublic: path.join(home, 'without-public'),
}

/** Installing, generating and compiling take most of a minute, and much longer beside other work. */
const TIMEOUT_MS = 360_000

beforeAll(async () => {
  const [packed] = JSON.parse(await run(root, 'npm', ['pack', '--json', '--pack-destination', home])) as [
    { filename: string },
  ]
  for (const project of [folderProject, fileProject]) create(project)
  for (const project of Object.values(schemaProjects)) create(project, 'folder')
  const names = ['@prisma/adapter-pg', '@prisma/client', '@types/node', 'pg', 'prisma', 'typescript'] as const
  const dependencies = Object.fromEntries(names.map((name) => [name, packageJson.devDependencies[name]]))
  const manifest = { type: 'module', dependencies: { ...dependencies, requeuest: `file:${home}/${packed.filename}` } }
  const projects = [folderProject, fileProject, ...Object.values(schemaProjects)]
  for (const project of projects) writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest))
  await run(folderProject, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'])
  for (const project of projects.slice(1))
    symlinkSync(path.join(folderProject, 'node_modules'), path.join(project, 'node_modules'))
}, TIMEOUT_MS)

afterAll(() => rmSync(home, { recursive: true }))

const history = {
  isSameId: true,
  state: 'delivered',
  first: { outcome: 'rejected', status: 503 },
  outcomes: ['rejected', 'accepted'],
  orders: ['A-1'],
  response: { status: 200, json: { invoice: 42 } },
  bodies: ['{"number":"A-1"}', '{"number":"A-1"}'],
  keys: 1,
  requests: 1,
}

describe.concurrent('a stranger with', () => {
  test('a schema folder makes migrations with `migrate dev` and deploys them', { timeout: TIMEOUT_MS }, async () => {
    const project = folderProject
    const env = await databases('folder')
    expect(await run(project, 'npx', ['requeuest', 'init'])).toContain('create prisma/schema/requeuest.prisma')
    addBackRelation(path.join(project, 'prisma/schema/requeuest.prisma'))
    await run(project, bin(project, 'prisma'), ['migrate', 'dev', '--name', 'orders'], env)
    const generated = run(project, bin(project, 'prisma'), ['generate'])

    const production = await databases('folder_production')
    await Promise.all([generated, run(project, bin(project, 'prisma'), ['migrate', 'deploy'], production)])
    await run(project, bin(project, 'tsc'))
    expect(await app(project, production)).toEqual(history)

    const before = readFileSync(path.join(project, 'prisma/schema/requeuest.prisma'), 'utf8')
    expect(await run(project, bin(project, 'requeuest'), ['init'])).toContain('HttpRequest with your order')
    expect(readFileSync(path.join(project, 'prisma/schema/requeuest.prisma'), 'utf8')).toBe(before)
  })

  test('a schema file and migrations of its own migrates in its process first', { timeout: TIMEOUT_MS }, async () => {
    const project = fileProject
    const env = await databases('file')
    expect(await run(project, 'npx', ['requeuest', 'init'])).toContain('add    prisma/schema.prisma: enum')
    addBackRelation(path.join(project, 'prisma/schema.prisma'))
    const migrations = path.join(project, 'prisma/migrations')
    mkdirSync(path.join(migrations, '20300102000000_order_request'))
    renameSync(
      path.join(project, 'order_request.sql'),
      path.join(migrations, '20300102000000_order_request/migration.sql'),
    )
    await run(project, bin(project, 'prisma'), ['generate'])
    await run(project, bin(project, 'tsc'))

    const { applied } = JSON.parse(await run(project, 'node', ['dist/migrate.js'], env))
    expect(applied).toEqual(readdirSync(migrations).filter((name) => name.includes('_requeuest_')))
    await run(project, bin(project, 'prisma'), ['migrate', 'deploy'], env)
    expect(await app(project, env)).toEqual(history)
  })

  test('a Postgres schema for the queue migrates in its process, then with Prisma', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const project = schemaProjects.besidePublic
    giveSchemas(project, ['public', 'queue'], 'public')
    await makeMigrations(project, ['--database-schema', 'queue'])

    const production = await databases('beside_public')
    const { applied } = JSON.parse(await run(project, 'node', ['dist/migrate.js'], production))
    expect(applied).toHaveLength(1)
    await run(project, bin(project, 'prisma'), ['migrate', 'deploy'], production)
    expect(await app(project, production)).toEqual(history)
    expect(await dev(project, production)).toContain('Already in sync')
  })

  test('no table in public migrates with Prisma, then in its process', { timeout: TIMEOUT_MS }, async () => {
    const project = schemaProjects.withoutPublic
    giveSchemas(project, ['queue'], 'queue')
    await makeMigrations(project, [])

    const production = await databases('without_public')
    await run(project, bin(project, 'prisma'), ['migrate', 'deploy'], production)
    expect(JSON.parse(await run(project, 'node', ['dist/migrate.js'], production))).toEqual({ applied: [] })
    expect(await app(project, production)).toEqual(history)
    expect(await dev(project, production)).toContain('Already in sync')
  })
})

/** From the schema to a compiled program. */
async function makeMigrations(project: string, options: string[]): Promise<void> {
  await run(project, bin(project, 'requeuest'), ['init', ...options])
  addBackRelation(path.join(project, 'prisma/schema/requeuest.prisma'))
  await dev(project, await databases(`${path.basename(project)}_dev`), '--name', 'orders')
  await run(project, bin(project, 'prisma'), ['generate'])
  await run(project, bin(project, 'tsc'))
}

function dev(project: string, env: NodeJS.ProcessEnv, ...options: string[]): Promise<string> {
  return run(project, bin(project, 'prisma'), ['migrate', 'dev', ...options], env)
}

function giveSchemas(project: string, schemas: string[], ofOrders: string): void {
  const edit = (file: string, from: RegExp, to: string) => {
    const text = readFileSync(path.join(project, 'prisma/schema', file), 'utf8')
    writeFileSync(path.join(project, 'prisma/schema', file), text.replace(from, to))
  }
  edit('main.prisma', /provider = "postgresql"/, `$&\n  schemas = ${JSON.stringify(schemas)}`)
  edit('order.prisma', /\n}/, `\n\n  @@schema("${ofOrders}")$&`)
}

test('from CommonJS one gets the same code, and what sends is loaded by start()', { timeout: TIMEOUT_MS }, async () => {
  const options = ['--ignoreConfig', '--module', 'nodenext', '--strict', '--types', 'node', '--outDir', 'required']
  await run(folderProject, bin(folderProject, 'tsc'), [...options, 'src/required.cts'])
  const seen = JSON.parse(await run(folderProject, 'node', ['required/required.cjs']))
  expect(seen).toMatchObject({ isInstance: true, imported: seen.required, loaded: [] })
  expect(seen.required).toContain('Requeuest')
  expect(seen.cpuMs).toBeLessThan(300)
})

function create(project: string, fixture = path.basename(project)): void {
  cpSync(path.join(fixtures, 'app'), project, { recursive: true })
  cpSync(path.join(fixtures, fixture), project, { recursive: true })
  for (const name of readdirSync(project, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.txt')) renameSync(path.join(project, name), path.join(project, name.slice(0, -'.txt'.length)))
  }
}

function addBackRelation(file: string): void {
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('  attempts HttpAttempt[]\n', '  attempts HttpAttempt[]\n  order    Order?\n'))
}

async function databases(name: string): Promise<NodeJS.ProcessEnv> {
  const [url, shadow] = await Promise.all([
    createDatabase(inject('serverUrl'), `stranger_${name}`),
    createDatabase(inject('serverUrl'), `stranger_${name}_shadow`),
  ])
  return { DATABASE_URL: url, SHADOW_DATABASE_URL: shadow }
}

/** The last line that the app prints. */
async function app(project: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  return JSON.parse((await run(project, 'node', ['dist/app.js'], env)).trim().split('\n').at(-1) ?? '')
}

function bin(project: string, name: string): string {
  return path.join(project, 'node_modules', '.bin', name)
}
