import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { partialIndexes } from '../../src/cli/init/partial-indexes.ts'
import { createDatabase } from '../support/databases.ts'
import { PrismaProject } from './project.ts'
import { query, urlOf } from './query.ts'

// The CLI alone takes seconds, and much longer on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** The models of this package with their partial indexes named. */
function withPartialIndexes(models: string): string {
  return Object.entries(partialIndexes).reduce(
    (text, [model, indexes]) =>
      text.replace(new RegExp(`model ${model} {.*?\\n(?=})`, 's'), `$&${indexes.join('\n')}\n`),
    models,
  )
}

let project: PrismaProject
beforeEach(() => {
  project = new PrismaProject()
})
afterEach(() => project.remove())

const database = async (name: string, template?: string) => ({
  DATABASE_URL: await createDatabase(inject('serverUrl'), `prisma_${name}`, template),
})

test('validate and generate need no database', async () => {
  const validated = await project.prisma('validate')
  expect(validated.output).toContain('is valid')
  expect(validated.code).toBe(0)
  const { code } = await project.prisma('generate')
  expect(code).toBe(0)
  expect(existsSync(project.path('generated', 'prisma', 'client.ts'))).toBe(true)
})

test('diff finds no difference between the migrations of this package and its schema', async () => {
  const { DATABASE_URL: shadow } = await database('shadow')
  // A shadow database is emptied before it is used.
  await query(shadow, 'CREATE TABLE stray ()')
  const { code, output } = await project.prisma(
    'migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --exit-code',
    { SHADOW_DATABASE_URL: shadow },
  )
  expect(output).toContain('No difference detected.')
  expect(code).toBe(0)
})

test('diff compares a schema with nothing, without a database, as a script', async () => {
  const { code } = await project.prisma(
    'migrate diff --from-empty --to-schema prisma/schema.prisma --script --exit-code -o created.sql',
  )
  expect(code).toBe(2)
  // What the script makes is what the schema says.
  const made = await database('diff')
  await query(made.DATABASE_URL, readFileSync(project.path('created.sql'), 'utf8'))
  const back = await project.prisma(
    'migrate diff --from-config-datasource --to-schema prisma/schema.prisma --exit-code',
    made,
  )
  expect(back.output).toContain('No difference detected.')
  expect(back.code).toBe(0)
})

test('db push makes the schema that the URL names, from several files', async () => {
  mkdirSync(project.path('prisma', 'models'))
  renameSync(project.path('prisma', 'schema.prisma'), project.path('prisma', 'models', 'schema.prisma'))
  writeFileSync(project.path('prisma', 'models', 'more.prisma'), 'model More {\n  id Int @id\n}\n')
  const { DATABASE_URL } = await database('push')
  const { code, output } = await project.prisma('db push --schema prisma/models', {
    DATABASE_URL: `${DATABASE_URL}?schema=app`,
  })
  expect(output).toContain('Your database is now in sync with your Prisma schema.')
  expect(code).toBe(0)
  const tables = `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('app', 'public') ORDER BY 1`
  const names = [
    'activity',
    'attempt',
    'handler',
    'limit',
    'line',
    'request',
    'schedule',
    'semaphore_lease',
    'worker',
  ].map((table) => `app.requeuest_${table}`)
  expect((await query<{ name: string }>(DATABASE_URL, tables)).map(({ name }) => name)).toEqual(['app.More', ...names])
})

test('db push knows the preview features of the schema, whichever file they are in', async () => {
  const partial = await database('partial', inject('templateName'))
  const [generator, models] = readFileSync(project.path('prisma', 'schema.prisma'), 'utf8').split(/(?=datasource db)/)
  const folder = project.path('prisma', 'models')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'a.prisma'), withPartialIndexes(models!))
  writeFileSync(
    path.join(folder, 'z.prisma'),
    generator!.replace('output ', 'previewFeatures = ["partialIndexes"]\n  output '),
  )
  await query(partial.DATABASE_URL, 'DROP TABLE _prisma_migrations')
  const { code, output } = await project.prisma('db push --schema prisma/models', partial)
  expect(output).toContain('The database is already in sync with the Prisma schema.')
  expect(code).toBe(0)
})

test('db pull reads every kind of column', async () => {
  const pulled = await database('pull')
  await query(
    pulled.DATABASE_URL,
    `CREATE TYPE mood AS ENUM ('good', 'bad');
     CREATE TABLE kinds (id bigserial PRIMARY KEY, internal "char", tags text[] NOT NULL DEFAULT '{}', mood mood,
       at timestamptz(3) DEFAULT now(), ref uuid, place point);
     CREATE VIEW one AS SELECT 1 AS n;`,
  )
  const { code } = await project.prisma('db pull --force', pulled)
  expect(code).toBe(0)
  const schema = readFileSync(project.path('prisma', 'schema.prisma'), 'utf8').replace(/ +/g, ' ')
  for (const line of [
    'id BigInt @id @default(autoincrement())',
    'internal String? @db.Char',
    'tags String[] @default([])',
    'mood mood?',
    'at DateTime? @default(now()) @db.Timestamptz(3)',
    'ref String? @db.Uuid',
    'place Unsupported("point")?',
  ]) {
    expect(schema).toContain(` ${line}\n`)
  }
})

test('db execute runs a script as one transaction', async () => {
  const executed = await database('execute')
  const body = `CREATE TABLE made AS SELECT 1 AS n;
    CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN n := n * 2; RETURN n; END $$;`
  expect((await project.prisma('db execute --stdin', executed, body)).code).toBe(0)
  const half = await project.prisma('db execute --stdin', executed, 'INSERT INTO made VALUES (2); SELEKT')
  expect(half.output).toContain('ERROR: syntax error at or near "SELEKT"')
  expect(half.code).toBe(1)
  expect(await query(executed.DATABASE_URL, 'SELECT twice(n) AS n FROM made')).toEqual([{ n: 2 }])
})

test('deploy refuses a database that has other tables', async () => {
  const used = await database('used')
  await query(used.DATABASE_URL, 'CREATE TABLE theirs ()')
  const { code, output } = await project.prisma('migrate deploy', used)
  expect(output).toContain('P3005')
  expect(code).toBe(1)
  const tables = await query(used.DATABASE_URL, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
  expect(tables).toEqual([{ tablename: 'theirs' }])
})

test('the CLI tells the code of what is wrong with a connection, and no password', async () => {
  const wrong = new URL(urlOf('prisma_wrong'))
  wrong.password = 'swordfish'
  const { code, output } = await project.prisma('migrate deploy', { DATABASE_URL: String(wrong) })
  expect(output).toContain('P1000: Authentication failed against database server at `127.0.0.1`')
  expect(output).not.toContain('swordfish')
  expect(code).toBe(1)
})
