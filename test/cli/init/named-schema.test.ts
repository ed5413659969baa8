import { expect, inject, test } from 'vitest'
import { init } from '../../../src/cli/init/init.ts'
import { query } from '../../prisma/query.ts'
import { createDatabase } from '../../support/databases.ts'
import { receiverOf } from '../../support/fixture.ts'
import { TestProject } from '../project.ts'

/** Orders in `public`, where the connection leads; requests are to be in `queue`. */
const SCHEMA = `generator client {
  provider = "prisma-client"
  output   = "../client"
}
datasource db {
  provider = "postgresql"
  schemas  = ["public", "queue"]
}
model Order {
  id        Int         @id @default(autoincrement())
  requestId String      @unique @db.Uuid
  request   HttpRequest @relation(fields: [requestId], references: [id])
  @@schema("public")
}
`

/** What a newcomer would do with it; says what came of each. */
const PROGRAM = `
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './client/client.ts'
import { Requeuest } from ${JSON.stringify(new URL('../../../src/index.ts', import.meta.url))}

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.1'] }, ...JSON.parse(process.env.OPTIONS) })
const { applied } = await requeuest.migrate()
const url = process.env.RECEIVER
const order = await prisma.$transaction(async (tx) => {
  const requestId = await requeuest.spawn('a', url, { tx })
  return tx.order.create({ data: { requestId } })
})
const waiting = await requeuest.find(order.requestId)
await requeuest.start({ channels: ['a'] })
const [first, second] = await requeuest.spawnMany('a', [url, url], { order: 'channel' })
const byHand = await prisma.httpRequest.create({ data: { channel: 'a', url } })
for (const id of [order.requestId, first, second, byHand.id]) await requeuest.waitFor(id)
await requeuest.setLimits({ channel: 'a' }, { rate: { limit: 1000 } })
await requeuest.pause({ origin: url })
await requeuest.stop()
const { request } = await prisma.order.findFirstOrThrow({ include: { request: { include: { attempts: true } } } })
console.log(JSON.stringify({
  applied: applied.length, before: waiting.state, state: request.state, attempts: request.attempts.length,
  requests: await prisma.httpRequest.count({ where: { state: 'delivered' } }), limits: await prisma.httpLimit.count(),
}))
await prisma.$disconnect()
`

test.each([
  ['nothing is said of it', {}, 'deploy'],
  ['the option says so as well', { schema: 'queue' }, 'deploy'],
  ['`migrate()` makes the tables', {}, 'migrate'],
  ['`migrate()` makes the tables, and the option says where', { schema: 'queue' }, 'migrate'],
])(
  "models with @@schema, of which the connection's schema is another: %s",
  { timeout: 120_000 },
  async (name, options, by) => {
    const url = await createDatabase(inject('serverUrl'), `named ${name}`.slice(0, 60))
    const project = new TestProject({
      'prisma.config.ts': `
import { defineConfig } from 'prisma/config'
export default defineConfig({ schema: 'prisma/schema.prisma', datasource: { url: ${JSON.stringify(url)} } })`,
      'prisma/schema.prisma': SCHEMA,
      'program.ts': PROGRAM,
    })
    await init(project.folder, { databaseSchema: 'queue' })
    // The relation's other side, as init's guide says.
    project.edit('prisma/schema.prisma', 'attempts HttpAttempt[]', 'attempts HttpAttempt[]\n  order    Order?')
    await project.prisma(['generate'], {})
    const orders = `CREATE TABLE public."Order" (id serial PRIMARY KEY, "requestId" uuid NOT NULL UNIQUE);`
    if (by === 'deploy') {
      project.write({ 'prisma/migrations/20300101000000_orders/migration.sql': orders })
      await project.prisma(['migrate', 'deploy'], {})
    } else await query(url, orders)

    const receiver = await receiverOf()
    const env = { DATABASE_URL: url, RECEIVER: receiver.url, OPTIONS: JSON.stringify(options) }
    expect(JSON.parse(await project.tsx('program.ts', env))).toEqual({
      ...{ applied: by === 'deploy' ? 0 : 1, before: 'pending', state: 'delivered', attempts: 1 },
      ...{ requests: 4, limits: 2 },
    })
    const schemas = await query<{ name: string }>(
      url,
      `SELECT DISTINCT relnamespace::regnamespace::text AS name FROM pg_class WHERE relname LIKE 'requeuest%'`,
    )
    expect(schemas).toEqual([{ name: 'queue' }])
  },
)
