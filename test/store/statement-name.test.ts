import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { statementName } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

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
  const prepared = await prisma.$queryRaw<{ name: string; statement: string }[]>`
    SELECT name, statement FROM pg_prepared_statements`
  expect(prepared.every(({ name }) => /^requeuest_[0-9a-f]{16}$/.test(name))).toBe(true)
  for (const part of ['INSERT INTO "public".requeuest_request', 'WITH RECURSIVE level', 'WITH found AS MATERIALIZED'])
    expect(prepared.filter(({ statement }) => statement.includes(part))).toHaveLength(1)
})

test('the same statement has the same name, another one another, and those of others none', () => {
  const name = statementName({ sql: 'SELECT 1 FROM requeuest_request' })
  expect(statementName({ sql: 'SELECT 1 FROM requeuest_request' })).toBe(name)
  expect(statementName({ sql: 'SELECT 2 FROM requeuest_request' })).not.toBe(name)
  expect(statementName({ sql: 'SELECT 1 FROM "public"."requeuest_request"' })).toBe('')
})
