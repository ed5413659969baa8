import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { init } from '../../../src/cli/init/init.ts'
import { DATASOURCE, packagedMigrations, packagedSchema, TestProject } from '../project.ts'

const GENERATOR = 'generator client {\n  provider = "prisma-client"\n  output   = "../src/db"\n}\n'
const CONFIG = `
import { defineConfig } from 'prisma/config'
export default defineConfig({ schema: 'prisma/models', migrations: { path: 'prisma/migrations' } })`
const ORDER = 'model Order {\n  id Int @id\n}\n'
const OURS = 'prisma/models/requeuest.prisma'
const packagedModels = packagedSchema.slice(packagedSchema.indexOf('/// The state of a request.'))

function folderProject(main = `${GENERATOR}\n${DATASOURCE}\n${ORDER}`): TestProject {
  return new TestProject({ 'prisma.config.ts': CONFIG, 'prisma/models/main.prisma': main })
}

function fileProject(schema = `${GENERATOR}\n${DATASOURCE}\n${ORDER}`): TestProject {
  return new TestProject({ 'prisma/schema.prisma': schema })
}

test('a schema folder gets a file of its own, and nothing else is touched', async () => {
  const project = folderProject()
  const before = project.snapshot()
  const said = await init(project.folder, {})
  const { [OURS]: ours, ...others } = project.snapshot()
  const copied = [...packagedMigrations.map((name) => `${name}/migration.sql`), 'migration_lock.toml']
  expect(Object.keys(others).sort()).toEqual(
    [...Object.keys(before), ...copied.map((file) => `prisma/migrations/${file}`)].sort(),
  )
  expect(others).toMatchObject(before)
  expect(ours).toContain(packagedModels)
  expect(ours).not.toMatch(/^(generator|datasource)/m)
  expect(said).toContain('create prisma/models/requeuest.prisma: enum HttpRequestState')
  expect(said).toContain('requestId String?      @unique @db.Uuid')
  expect(said).toContain('to model HttpRequest in prisma/models/requeuest.prisma')
})

test('a schema folder is left alone the second time, with what the user has added', async () => {
  const project = folderProject()
  await init(project.folder, {})
  project.edit(OURS, '  attempts HttpAttempt[]\n', '  attempts HttpAttempt[]\n  order    Order?\n')
  const before = project.snapshot()
  const said = await init(project.folder, {})
  expect(said).toMatch(/^Nothing to do/)
  expect(said).toContain('HttpRequest with your order')
  expect(project.snapshot()).toEqual(before)
})

test('a schema folder may hold the models in any of its files', async () => {
  const project = folderProject()
  await init(project.folder, {})
  project.write({ 'prisma/models/deep/http.prisma': project.read(OURS), [OURS]: '' })
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

test('a schema file keeps what it says and gets the models after it', async () => {
  const project = fileProject()
  const before = project.read('prisma/schema.prisma')
  expect(await init(project.folder, {})).toContain('add    prisma/schema.prisma: enum HttpRequestState')
  const after = project.read('prisma/schema.prisma')
  expect(after.slice(0, before.length)).toBe(before)
  expect(after.slice(before.length)).toContain(packagedModels)
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
  expect(project.read('prisma/schema.prisma')).toBe(after)
})

test('a schema file is found by --schema, and its migrations by --migrations', async () => {
  const project = new TestProject({ 'db/app.prisma': DATASOURCE, 'prisma.config.ts': 'throw new Error("unused")' })
  await init(project.folder, { schema: 'db/app.prisma', migrations: 'db/steps' })
  expect(Object.keys(project.snapshot())).toContain(`db/steps/${packagedMigrations[0]}/migration.sql`)
  expect(project.read('db/app.prisma')).toContain('model HttpRequest {')
})

test('a schema file keeps its line ends', async () => {
  const project = fileProject(`${DATASOURCE}${ORDER}`.replaceAll('\n', '\r\n').trimEnd())
  await init(project.folder, {})
  project.edit('prisma/schema.prisma', /^ {2}url .*\r\n/m, '')
  await init(project.folder, {})
  expect(project.read('prisma/schema.prisma')).toMatch(/url +String\r\n/)
  expect(project.read('prisma/schema.prisma').replaceAll('\r\n', '')).not.toContain('\n')
})

test('init after an upgrade: what is missing is added where it belongs', async () => {
  const project = folderProject()
  await init(project.folder, {})
  const complete = project.read(OURS)
  project.edit(OURS, /\n[^\n]*Given up; `failureCode` says why.\n {2}failed/, '')
  project.edit(OURS, /\n[^\n]*\n {2}url .*/, '')
  project.edit(OURS, /\n {2}attempts HttpAttempt\[\]\n/, '\n  order Order?\n')
  project.edit(OURS, /\/\/\/ How the wait[^}]*\}\n\n/, '')
  project.edit(OURS, /\/\/\/ A line of ordered requests[^}]*\}\n\n/, '')
  const said = await init(project.folder, {})
  const added = [
    'HttpRequestState.failed',
    'HttpRequest.url',
    'HttpRequest.attempts',
    'enum HttpJitter, model HttpLine',
  ]
  for (const what of added) expect(said).toContain(`add    ${OURS}: ${what}\n`)
  expect(sortedLines(project.read(OURS))).toEqual(sortedLines(`${complete}  order Order?\n`))
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

test('init after an upgrade: what the user has renamed is known by its name in the database, and spoken of by its own', async () => {
  const project = folderProject()
  await init(project.folder, {})
  project.edit(OURS, /\bHttpRequest\b/g, 'Call')
  project.edit(OURS, /\bHttpJitter\b/g, 'Spread')
  project.edit(OURS, /\n {2}id +String /, '\n  uid String @map("id") ')
  project.edit(OURS, 'references: [id]', 'references: [uid]')
  project.edit(OURS, '  none\n', '  exact @map("none")\n')
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
  project.edit(OURS, /\n {2}backoffJitter .*/, '')
  project.edit(OURS, /\n {2}request Call .*/, '')
  expect(await init(project.folder, {})).toContain('Call.backoffJitter')
  expect(project.read(OURS)).toMatch(/\n {2}backoffJitter +Spread /)
  expect(project.read(OURS)).toContain('\n  request Call @relation(fields: [requestId], references: [uid], ')
})

test('init after an upgrade: a name that the user has taken for something else is stepped around', async () => {
  const mine = 'model HttpRequest {\n  id Int @id\n}\n'
  const project = folderProject(`${DATASOURCE}${mine}`)
  await init(project.folder, {})
  expect(project.read(OURS)).toMatch(/^model RequeuestHttpRequest \{$/m)
  expect(project.read(OURS)).toMatch(/^ {2}request RequeuestHttpRequest @relation/m)
  project.edit(OURS, /\n {2}url .*/, '\n  url String @map("my_url")')
  project.edit(OURS, /\n {2}method .*/, '\n  method HttpRequest?')
  const said = await init(project.folder, {})
  for (const name of ['Url', 'Method']) expect(said).toContain(`RequeuestHttpRequest.requeuest${name}`)
  expect(project.read(OURS)).toMatch(/^ {2}requeuestUrl +String @map\("url"\)$/m)
  expect(project.read(OURS)).toMatch(/^ {2}requeuestMethod +String +@default\("GET"\) @map\("method"\)$/m)
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

test('the datasource and the generator with the partialIndexes preview get the indexes named, also when it is switched on later', async () => {
  const project = folderProject()
  await init(project.folder, {})
  expect(project.read(OURS)).not.toContain('where: raw(')
  project.edit('prisma/models/main.prisma', 'output ', 'previewFeatures = ["views", "partialIndexes"]\n  output ')
  expect(await init(project.folder, {})).toContain('HttpRequest @@index requeuest_request_ready_idx')
  expect(project.read(OURS).match(/@@(index|unique)\(.* where: raw\(/g)).toHaveLength(15)
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

test('the datasource and the generator that is only spoken of in a comment do not count', async () => {
  const project = folderProject(`// previewFeatures = ["partialIndexes"]\n${GENERATOR}${DATASOURCE}`)
  project.edit('prisma/models/main.prisma', '  output', '  // previewFeatures = ["partialIndexes"]\n  output')
  await init(project.folder, {})
  expect(project.read(OURS)).not.toContain('where: raw(')
})

const listing = (...schemas: string[]) =>
  folderProject(`datasource db {\n  provider = "postgresql"\n  schemas = ${JSON.stringify(schemas)}\n}\n`)
const isIn = (project: TestProject, schema: string) => {
  const declarations = packagedModels.match(/@@map/g)!.length
  expect(project.read(OURS).match(/^ {2}@@schema\(.*\)$/gm)).toEqual(
    Array(declarations).fill(`  @@schema("${schema}")`),
  )
  const sql = project.read(`prisma/migrations/${packagedMigrations[0]}/migration.sql`)
  expect(sql).toContain(`set_config('search_path', quote_ident('${schema}'), true)`)
}

test('several Postgres schemas get the tables into public unless another is asked for, and the user is told', async () => {
  const project = listing('shop', 'public')
  const said = await init(project.folder, {})
  expect(said).toContain(
    'The tables go to the Postgres schema "public". --database-schema puts them elsewhere: "shop".',
  )
  isIn(project, 'public')
})

test('several Postgres schemas of which none is public get them into the first', async () => {
  const project = listing('shop', 'queue')
  expect(await init(project.folder, { dryRun: true })).toContain('the Postgres schema "shop".')
  await init(project.folder, {})
  isIn(project, 'shop')
})

test('several Postgres schemas get them into the one that is asked for, and what is missing later goes there too', async () => {
  const project = listing('public', 'queue')
  expect(await init(project.folder, { databaseSchema: 'queue' })).toContain('schema "queue".\n')
  isIn(project, 'queue')
  rmSync(path.join(project.folder, 'prisma/migrations'), { recursive: true })
  project.edit(OURS, /enum HttpJitter [^}]*\}/, '')
  await init(project.folder, {})
  isIn(project, 'queue')
})

test('several Postgres schemas are not left while the models are in one of them', async () => {
  const project = listing('public', 'queue')
  await init(project.folder, {})
  const before = project.snapshot()
  expect(await init(project.folder, { databaseSchema: 'public' })).toMatch(/^Nothing to do/)
  await expect(init(project.folder, { databaseSchema: 'queue' })).rejects.toThrow(
    'in the Postgres schema "public" already',
  )
  expect(project.snapshot()).toEqual(before)
})

test('several Postgres schemas have to be listed', async () => {
  const project = listing('public', 'queue')
  const notListed = 'does not list the Postgres schema "queu", only "public", "queue"'
  await expect(init(project.folder, { databaseSchema: 'queu' })).rejects.toThrow(notListed)
  const single = folderProject()
  await expect(init(single.folder, { databaseSchema: 'queue' })).rejects.toThrow(
    'The datasource lists no Postgres schemas',
  )
})

test('several Postgres schemas change nothing about how a copy is known by its contents', async () => {
  const project = listing('public', 'queue')
  await init(project.folder, {})
  const folder = path.join(project.folder, 'prisma/migrations')
  renameSync(path.join(folder, packagedMigrations[0]!), path.join(folder, '20250101000000_http'))
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

const withUrl = (search: string, datasource = DATASOURCE) =>
  new TestProject({
    'prisma/schema.prisma': datasource,
    'prisma.config.ts': `export default { datasource: { url: 'postgresql://me@localhost/db${search}' } }`,
  })

test('the schema in the URL is one that the adapter has to be told of', async () => {
  const said = await init(withUrl('?schema=shop').folder, {})
  expect(said).toContain('new PrismaPg({ connectionString }, { schema: "shop" })')
})

test.each([
  ['there is none', withUrl],
  ['it is the default', () => withUrl('?schema=public')],
  ['the models name theirs', () => withUrl('?schema=shop', DATASOURCE.replace('\n}', '\n  schemas = ["queue"]\n}'))],
])('the schema in the URL is not spoken of where %s', async (_, make) => {
  expect(await init(make('').folder, {})).not.toContain('PrismaPg')
})

test('migrations come after the newest of the project', async () => {
  const project = folderProject()
  project.write({ 'prisma/migrations/20990101000000_orders/migration.sql': 'SELECT 1;' })
  await init(project.folder, {})
  const copies = packagedMigrations.map((name, at) => name.replace(/^\d+/, String(20990101000001 + at)))
  expect(project.migrations()).toEqual(['20990101000000_orders', ...copies, 'migration_lock.toml'])
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
})

test('migrations that were copied are known by their name or their contents, and stay as they are', async () => {
  const project = folderProject()
  await init(project.folder, {})
  const [first = ''] = packagedMigrations
  const sql = project.read(`prisma/migrations/${first}/migration.sql`)
  project.edit(`prisma/migrations/${first}/migration.sql`, '--', '-- Mine. --')
  project.write({ 'prisma/migrations/migration_lock.toml': '# mine\nprovider = "postgresql"\n' })
  const edited = project.snapshot()
  expect(await init(project.folder, {})).toMatch(/^Nothing to do/)
  expect(project.snapshot()).toEqual(edited)
  const other = folderProject()
  other.write({ 'prisma/migrations/20250101000000_http/migration.sql': sql })
  await init(other.folder, {})
  expect(other.migrations()).not.toContain(first)
})

test('a dry run says the same and writes nothing', async () => {
  const project = folderProject()
  const before = project.snapshot()
  const said = await init(project.folder, { dryRun: true })
  expect(said).toMatch(/^Dry run/)
  expect(project.snapshot()).toEqual(before)
  const steps = (text: string) => text.split('\n').filter((line) => /^ {2}(create|add|copy)/.test(line))
  expect(steps(await init(project.folder, {}))).toEqual(steps(said))
})

const cases: [string, Record<string, string>, string][] = [
  ['a folder without a schema', {}, 'No Prisma schema was found in'],
  ['a schema that is not there', { 'prisma.config.ts': CONFIG }, 'There is no Prisma schema at'],
  ['an empty schema folder', { 'prisma.config.ts': CONFIG, 'prisma/models/x.txt': '' }, 'There is no .prisma file in'],
  ['another database', { 'schema.prisma': 'datasource db {\n  provider = "mysql"\n}' }, 'names mysql'],
  ['a schema without a database', { 'schema.prisma': ORDER }, 'has no datasource block'],
  ['a broken schema', { 'schema.prisma': `${DATASOURCE}model A {\n  id Int @default("}")\n` }, '`model A` on line 4'],
  ['a broken config', { 'prisma.config.ts': 'throw new Error("no password")' }, 'could not be loaded: no password'],
  ['a file for the migrations', { 'schema.prisma': DATASOURCE, migrations: '' }, 'migrations is not a folder'],
]
test.each(cases)('init refuses %s', async (_, files, message) => {
  const project = new TestProject(files)
  const before = project.snapshot()
  await expect(init(project.folder, {})).rejects.toThrow(message)
  expect(project.snapshot()).toEqual(before)
})

test('refuses a project without Prisma', async () => {
  const project = new TestProject({ 'schema.prisma': DATASOURCE })
  rmSync(path.join(project.folder, 'node_modules'))
  await expect(init(project.folder, {})).rejects.toThrow('Prisma is not installed in')
})

function sortedLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .sort()
}
