import { readdirSync, readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { statementName } from '../../src/index.ts'
import { makerOf } from '../../src/store/statement-name.ts'
import { asAdmin, createDatabase } from '../support/databases.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { startPostgres } from '../support/postgres.ts'

const database = useDatabase()
const store = new URL('../../src/store/', import.meta.url)

test('with named statements everything works, and Postgres keeps only the plans of this library', async () => {
  const adapter = new PrismaPg({ connectionString: database.url, max: 1 }, { statementNameGenerator: statementName })
  const prisma = new PrismaClient({ adapter })
  onTestFinished(() => prisma.$disconnect())
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  await requeuest.start({ channels: ['a'] })
  for (let count = 0; count < 10; count++) {
    expect((await requeuest.spawnReturning('a', receiver.url)).status).toBe(200)
    await prisma.httpRequest.count()
  }
  await requeuest.stop()
  const prepared = await prisma.$queryRaw<{ name: string }[]>`SELECT name FROM pg_prepared_statements`
  expect(prepared.every(({ name }) => /^requeuest:\w+:[0-9a-f]{16}$/.test(name))).toBe(true)
  for (const maker of ['insertRequest', 'claimRequests', 'settleAccepted'])
    expect(prepared.filter(({ name }) => name.startsWith(`requeuest:${maker}:`))).toHaveLength(1)
})

test('the same statement has the same name, another one another, and those of others none', () => {
  const name = statementName({ sql: 'SELECT /* requeuest:one */ 1' })
  expect(name).toMatch(/^requeuest:one:/)
  expect(statementName({ sql: 'SELECT /* requeuest:one */ 1' })).toBe(name)
  expect(statementName({ sql: 'SELECT /* requeuest:one */ 2' })).not.toBe(name)
  expect(statementName({ sql: 'SELECT 1 FROM requeuest_request' })).toBe('')
  expect(statementName({ sql: "SELECT '/* requeuest:one */'" })).toBe('')
})

/** Who makes a statement for another function. */
const ON_BEHALF_OF: Record<string, string> = { insertionOf: 'insertRequests', asOneStatement: 'applyMigration' }

/** The functions in src/store that make statements, each with one that it makes. */
const statements = readdirSync(store, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    readFileSync(new URL(file, store), 'utf8')
      .split(/^(?=(?:export )?(?:async )?function )/m)
      .flatMap((text) => {
        const maker = /function (\w+)/.exec(text)?.[1] ?? file
        const made = text.matchAll(
          /(?:(?:\$queryRaw(?:<[^`]*?>)?|\$executeRaw)`|fragment`(?=\s+(?:WITH|INSERT))|`(?=LISTEN|DO ))([^`]*)/g,
        )
        return Array.from(made, ([, sql = '']) => ({ maker, sql }))
      }),
  )

test('each statement says which function makes it', () => {
  expect(statements.length).toBeGreaterThan(90)
  expect(statements.filter(({ maker, sql }) => makerOf(sql) !== (ON_BEHALF_OF[maker] ?? maker))).toEqual([])
  const makers = [...new Set(statements.map(({ maker }) => maker))]
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(new URL(file, store), 'utf8').matchAll(/function (\w+)/g)])
  // No two functions share a name.
  expect(makers.filter((maker) => files.filter(([, name]) => name === maker).length !== 1)).toEqual([])
})

test('a DBA sees in pg_stat_activity and pg_stat_statements which function makes a statement', {
  timeout: 60_000,
}, async () => {
  const server = await startPostgres({ shared_preload_libraries: 'pg_stat_statements' })
  onTestFinished(server.stop)
  const url = await createDatabase(server.url, 'named')
  await asAdmin(url, (client) => client.query('CREATE EXTENSION pg_stat_statements'))
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) })
  onTestFinished(() => prisma.$disconnect())
  const requeuest = createRequeuest(prisma)
  await requeuest.migrate()
  const receiver = await receiverOf()
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  await requeuest.spawnMany('a', [receiver.url, receiver.url])
  await requeuest.stop()
  await requeuest.pause({ channel: 'b' })
  const { shown, active } = await asAdmin(url, async (client) => ({
    shown: (await client.query<{ query: string }>('SELECT query FROM pg_stat_statements')).rows,
    active: (
      await client.query<{ query: string }>(
        'SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )
    ).rows,
  }))
  const made = shown.map(({ query }) => makerOf(query))
  expect(made).toEqual(
    expect.arrayContaining([
      'applyMigration',
      'claimRequests',
      'insertRequest',
      'insertRequests',
      'pauseScope',
      'settleAccepted',
    ]),
  )
  expect(active.map(({ query }) => makerOf(query))).toContain('countClaimed')
})
