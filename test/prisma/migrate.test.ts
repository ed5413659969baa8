import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PrismaProject } from './project.ts'
import { query, urlOf } from './query.ts'

// The CLI alone takes seconds, and much longer on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

// One story in one database: each test goes on where the one before it ended.
const BROKEN = '20990101000000_broken'
let project: PrismaProject
let database: { DATABASE_URL: string }

beforeAll(() => {
  project = new PrismaProject()
  database = { DATABASE_URL: urlOf('prisma_migrate') }
})
afterAll(() => project.remove())

const exists = async (relation: string) =>
  (await query(database.DATABASE_URL, `SELECT 1 WHERE to_regclass('"${relation}"') IS NOT NULL`)).length === 1

const records = () =>
  query<{ name: string; steps: number; state: string; logs: string | null; checksum: string }>(
    database.DATABASE_URL,
    `SELECT migration_name AS name, applied_steps_count AS steps, logs, checksum,
       CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back'
            WHEN finished_at IS NULL THEN 'failed' ELSE 'applied' END AS state
     FROM _prisma_migrations ORDER BY started_at`,
  )

/** What the schema does not name, so nothing but the migration keeps it there. */
const unnamed = () =>
  query<{ definition: string }>(
    database.DATABASE_URL,
    `SELECT indexdef AS definition FROM pg_indexes WHERE tablename LIKE 'requeuest%'
     UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE 'requeuest%' AND contype = 'c'
     UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'requeuest%'
     UNION ALL SELECT reloptions::text FROM pg_class WHERE relname = 'requeuest_request'
     ORDER BY 1`,
  )

test('deploy creates the database and applies the migrations, function bodies included', async () => {
  const { code, output } = await project.prisma('migrate deploy', database)
  expect(output).toContain('All migrations have been successfully applied.')
  expect(code).toBe(0)
  const applied = project.migrations().map((name) => {
    const checksum = createHash('sha256').update(project.migration(name)).digest('hex')
    return { name, steps: 1, state: 'applied', logs: null, checksum }
  })
  expect(await records()).toEqual(applied)
  const scripts = project.migrations().map((name) => project.migration(name))
  const triggers = new Set(scripts.join().match(/CREATE OR REPLACE TRIGGER "\w+"/g))
  expect((await unnamed()).filter(({ definition }) => definition.startsWith('CREATE TRIGGER'))).toHaveLength(
    triggers.size,
  )
})

test('dev --create-only writes the migration and applies nothing', async () => {
  project.append('prisma/schema.prisma', '\nmodel Note {\n  id Int @id\n}\n')
  const { code } = await project.prisma('migrate dev --name note --create-only', database)
  expect(code).toBe(0)
  expect(project.migration('_note').trim()).toBe(
    '-- CreateTable\nCREATE TABLE "Note" (\n    "id" INTEGER NOT NULL,\n\n    CONSTRAINT "Note_pkey" PRIMARY KEY ("id")\n);',
  )
  expect(await exists('Note')).toBe(false)
})

test('status fails while a migration is not applied', async () => {
  const { code, output } = await project.prisma('migrate status', database)
  expect(output).toContain(project.migrations().at(-1))
  expect(code).toBe(1)
})

test('dev applies what is there, adds what the schema lacks, and leaves alone what the schema does not name', async () => {
  const before = await unnamed()
  project.append('prisma/schema.prisma', '\nmodel Tag {\n  id Int @id\n}\n')
  const { code, output } = await project.prisma('migrate dev --name tag', database)
  expect(output).toContain('Your database is now in sync with your schema.')
  expect(code).toBe(0)
  expect([await exists('Note'), await exists('Tag')]).toEqual([true, true])
  expect(project.migration('_tag').match(/^(CREATE|ALTER|DROP) .*/gm)).toEqual(['CREATE TABLE "Tag" ('])
  expect(await unnamed()).toEqual(before)
})

test('reset --force empties the database and applies the migrations again', async () => {
  await query(database.DATABASE_URL, 'INSERT INTO "Tag" VALUES (1); CREATE TABLE stray ()')
  const { code } = await project.prisma('migrate reset --force', database)
  expect(code).toBe(0)
  expect(await exists('stray')).toBe(false)
  expect(await query(database.DATABASE_URL, 'SELECT * FROM "Tag"')).toEqual([])
  expect((await records()).map(({ state }) => state)).toEqual(project.migrations().map(() => 'applied'))
})

test('deploy undoes and records a migration that fails', async () => {
  mkdirSync(project.path('prisma', 'migrations', BROKEN))
  const script = 'CREATE TABLE half ();\n-- 😀\nDO $$ BEGIN\n  PERFORM 1;\nEND $$;\nCREATE TABEL whole ();\n'
  writeFileSync(project.path('prisma', 'migrations', BROKEN, 'migration.sql'), script)
  const { code, output } = await project.prisma('migrate deploy', database)
  expect(code).toBe(1)
  expect(output).toContain('P3018')
  const reason = `Migration name: ${BROKEN}\n\nDatabase error code: 42601\n\nDatabase error:\nERROR: syntax error at or near "TABEL"\n`
  expect(output).toContain(`${reason}\nPosition:\n`)
  expect(output).toContain('\n  6 CREATE TABEL whole ();')
  const record = (await records()).at(-1)
  expect(record).toMatchObject({ name: BROKEN, steps: 0, state: 'failed' })
  expect(record?.logs).toContain(reason)
  expect(await exists('half')).toBe(false)
})

test('resolve --rolled-back lets the mended migration be deployed', async () => {
  expect((await project.prisma(`migrate resolve --rolled-back ${BROKEN}`, database)).code).toBe(0)
  writeFileSync(project.path('prisma', 'migrations', BROKEN, 'migration.sql'), 'CREATE TABLE whole ();\n')
  expect((await project.prisma('migrate deploy', database)).code).toBe(0)
  expect(await exists('whole')).toBe(true)
  expect((await records()).slice(-2).map(({ state }) => state)).toEqual(['rolled back', 'applied'])
})

test('resolve --applied records a migration without running it, and status is content', async () => {
  const byHand = '20990102000000_by_hand'
  mkdirSync(project.path('prisma', 'migrations', byHand))
  writeFileSync(project.path('prisma', 'migrations', byHand, 'migration.sql'), 'CREATE TABLE by_hand ();\n')
  expect((await project.prisma(`migrate resolve --applied ${byHand}`, database)).code).toBe(0)
  expect((await records()).at(-1)).toMatchObject({ name: byHand, steps: 0, state: 'applied' })
  expect(await exists('by_hand')).toBe(false)
  const { code, output } = await project.prisma('migrate status', database)
  expect(output).toContain('Database schema is up to date!')
  expect(code).toBe(0)
})
