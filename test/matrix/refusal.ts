import assert from 'node:assert/strict'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { Requeuest } from '../../src/index.ts'
import { embeddedMigrations } from '../../src/store/embedded-migrations.ts'
import { startPostgres } from '../support/postgres.ts'
import { postgresName } from './packages.ts'
import { type Row, tried } from './table.ts'

const TOO_OLD = '13'
const REASON = /needs PostgreSQL 14 or later/

/** The newest Postgres that is too old is refused by name, and nothing is written there. */
export async function runRefusal(): Promise<Row> {
  const row = { what: 'refusal', postgres: postgresName(TOO_OLD), prisma: '', runtime: '' }
  const server = await startPostgres({ fsync: 'off' }, undefined, TOO_OLD)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: server.url }) })
  const requeuest = new Requeuest(prisma)
  try {
    return await tried(row, async () => {
      await assert.rejects(requeuest.migrate(), REASON)
      await assert.rejects(requeuest.start({ channels: 'all' }), REASON)
      await assert.rejects(deploy(server.url), REASON)
      assert.deepEqual(await prisma.$queryRaw`SELECT relname FROM pg_class WHERE relname LIKE 'requeuest%'`, [])
      return 4
    })
  } finally {
    await prisma.$disconnect()
    await server.stop()
  }
}

/** Sends each file whole, as `prisma migrate deploy` does. */
async function deploy(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    for (const { sql } of embeddedMigrations) await client.query(sql)
  } finally {
    await client.end()
  }
}
