import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { Requeuest } from '../../src/index.ts'
import { Database } from '../../src/store/database.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { asAdmin, createDatabase } from '../support/databases.ts'
import { connect, createRequeuest, freshDatabase, receiverOf } from '../support/fixture.ts'

const DATA = { channel: 'a', url: 'http://a.test/' }

/** A client of Prisma's, whose models are in `schema`, of which a session is as `options` say. */
function connectTo(url: string, schema: string, options = ''): PrismaClient {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, options }, { schema }) })
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

describe('where Prisma has the models in another schema than the session looks in', () => {
  let url: string
  beforeAll(async () => {
    url = await createDatabase(inject('serverUrl'), 'schemas')
    for (const schema of ['public', 'shop', 'A tenant of $1']) {
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }, { schema }) })
      expect((await new Requeuest(prisma, { schema }).migrate()).applied).toHaveLength(1)
      await prisma.$disconnect()
    }
  }, 60_000)

  test('processes that migrate at once make a schema that is missing once', { timeout: 60_000 }, async () => {
    const databaseUrl = await createDatabase(inject('serverUrl'), 'at_once')
    const migrating = Array.from({ length: 3 }, () => new Requeuest(connectTo(databaseUrl, 'shop')).migrate())
    const applied = await Promise.all(migrating)
    expect(applied.flatMap((result) => result.applied)).toHaveLength(1)
  })

  test("a schema's name may hold what Postgres quotes with elsewhere", { timeout: 60_000 }, async () => {
    const prisma = connectTo(url, "o'b `c` »d«")
    expect((await new Requeuest(prisma).migrate()).applied).toHaveLength(1)
    const id = await new Requeuest(prisma).spawn('a', 'http://a.test/')
    expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ state: 'pending' })
  })

  test.each([
    ['the default schema', 'public', ''],
    ['another one', 'shop', ''],
    ['another one, and no search_path', 'shop', '-c search_path='],
    ['another one, and a search_path that leads to a third', 'shop', '-c search_path=public'],
  ])('what is spawned is sent, settled and read there: %s', async (_, schema, options) => {
    const prisma = connectTo(url, schema, options)
    const receiver = await receiverOf()
    const requeuest = createRequeuest(prisma)
    requeuest.onSettled('a', ({ tx }) => (tx as PrismaClient).httpRequest.count())
    await requeuest.start({ channels: ['a'] })
    const id = await requeuest.spawn('a', receiver.url)
    const ordered = await requeuest.spawnMany('a', [receiver.url, receiver.url], { order: 'channel' })
    const keyed = await prisma.$transaction((tx) =>
      requeuest.spawn('a', receiver.url, { tx, dedupe: { key: schema + options } }),
    )
    const byHand = await prisma.httpRequest.create({ data: { channel: 'a', url: receiver.url, orderKey: 'k' } })
    for (const one of [id, ...ordered, keyed, byHand.id]) await requeuest.waitFor(one)
    await requeuest.stop()
    const ids = [id, ...ordered, keyed, byHand.id]
    const found = await prisma.httpRequest.findMany({ where: { id: { in: ids } }, include: { attempts: true } })
    expect(found.map((row) => [row.state, row.attempts.length])).toEqual(ids.map(() => ['delivered', 1]))
    await prisma.httpRequest.deleteMany({ where: { id: { in: ids } } })
    expect(await prisma.httpAttempt.count({ where: { requestId: { in: ids } } })).toBe(0)
  })

  test('a transaction that is the first to be used finds them as well', async () => {
    const prisma = connectTo(url, 'shop')
    const requeuest = createRequeuest(prisma)
    const id = await prisma.$transaction(async (tx) => {
      const spawned = await requeuest.spawn('first', DATA.url, { tx })
      expect(await tx.httpRequest.count({ where: { channel: 'first' } })).toBe(1)
      return spawned
    })
    expect(await prisma.httpRequest.findUnique({ where: { id } })).not.toBeNull()
  })

  test('a transaction on the only connection finds them without another', async () => {
    const prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 1 }, { schema: 'shop' }),
    })
    onTestFinished(() => prisma.$disconnect())
    const requeuest = createRequeuest(prisma)
    await prisma.$transaction((tx) => requeuest.spawn('first', DATA.url, { tx }))
    expect(await prisma.httpRequest.count({ where: { channel: 'first' } })).toBeGreaterThan(0)
  })

  test.each(['shop', 'A tenant of $1'])(
    'an option that names another one is refused by all calls: %s',
    async (schema) => {
      const prisma = connectTo(url, 'public')
      const requeuest = createRequeuest(prisma, { schema })
      const mismatch = { code: 'schema_mismatch', message: expect.stringContaining('"public"') }
      await expect(requeuest.spawn('a', DATA.url)).rejects.toMatchObject(mismatch)
      await expect(requeuest.start({ channels: ['a'] })).rejects.toMatchObject(mismatch)
      await expect(requeuest.migrate()).rejects.toMatchObject(mismatch)
    },
  )

  test('one without tables says where there are some', async () => {
    const requeuest = createRequeuest(connectTo(url, 'empty'))
    await expect(requeuest.spawn('a', DATA.url)).rejects.toMatchObject({
      code: 'not_migrated',
      message: expect.stringMatching(/"empty".*lacks/),
    })
  })

  test('a row in one tenant changes nothing in another, whoever writes it with whatever search_path', async () => {
    const [here, there] = [connectTo(url, 'public'), connectTo(url, 'shop', '-c search_path=public')]
    const { id } = await here.httpRequest.create({ data: { ...DATA, channel: 'tenants', orderKey: 'k' } })
    await here.httpAttempt.create({
      data: { requestId: id, number: 1, outcome: 'timeout', startedAt: new Date(), durationMs: 1, workerId: 'me' },
    })
    await there.httpRequest.create({ data: { ...DATA, id, channel: 'tenants', orderKey: 'k' } })
    await there.httpRequest.delete({ where: { id } })
    expect(await here.httpAttempt.count({ where: { requestId: id } })).toBe(1)
    expect(await here.httpLine.findMany({ where: { channel: 'tenants' } })).toMatchObject([{ tail: 1n }])
    expect(await there.httpLine.count({ where: { channel: 'tenants' } })).toBe(0)
  })

  test('a function that lies in front of ours in the search_path is not run', async () => {
    await asAdmin(url, async (client) => {
      await client.query(`
        CREATE SCHEMA IF NOT EXISTS planted;
        CREATE OR REPLACE FUNCTION planted.requeuest_unblock_next(text, text, bigint, boolean) RETURNS boolean
          LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''planted''; END';
        CREATE OR REPLACE FUNCTION planted.length(text) RETURNS int
          LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''planted''; END'`)
      await client.query('SET search_path = planted, pg_catalog, shop')
      const { rows } = await client.query(
        "INSERT INTO shop.requeuest_request (id, channel, url, order_key) VALUES (gen_random_uuid(), 'p', 'http://a.test', 'p') RETURNING id",
      )
      await client.query('DELETE FROM shop.requeuest_request WHERE id = $1', [rows[0].id])
    })
  })
})

test('a restore that runs without a search_path writes lines and checks rows', async () => {
  const url = await freshDatabase()
  await asAdmin(url, async (client: pg.Client) => {
    await client.query("SELECT set_config('search_path', '', false)")
    await client.query(
      "INSERT INTO public.requeuest_request (id, channel, url, order_key) VALUES (gen_random_uuid(), 'a', 'http://a.test', '')",
    )
    const { rows } = await client.query('SELECT tail::int FROM public.requeuest_line')
    expect(rows).toEqual([{ tail: 1 }])
  })
})

const SETTINGS: [string, string][] = [
  ['serializable transactions', '-c default_transaction_isolation=serializable'],
  ['repeatable reads', '-c default_transaction_isolation=repeatable\\ read'],
  ['arrays without NULL', '-c array_nulls=off'],
  ['texts with backslashes', '-c standard_conforming_strings=off'],
  ['escaped bytes', '-c bytea_output=escape'],
  ['German dates', '-c DateStyle=German'],
  ['intervals as in SQL', '-c IntervalStyle=sql_standard'],
  ['few digits', '-c extra_float_digits=-10'],
  ['no patience for locks', '-c lock_timeout=1ms'],
  ['no patience for statements', '-c statement_timeout=40ms'],
  ['no patience for transactions that are idle', '-c idle_in_transaction_session_timeout=100ms'],
  ['= NULL as IS NULL', '-c transform_null_equals=on'],
]

test.each(SETTINGS)(
  'a session with odd settings delivers, retries, keeps order and history, without an error: %s',
  async (_, options) => {
    const url = await freshDatabase()
    const prisma = connect(url, { options })
    const receiver = await receiverOf((_, index) => ({ status: index % 3 === 0 ? 503 : 200 }))
    const requeuest = createRequeuest(prisma)
    const errors: unknown[] = []
    requeuest.on('error', (error) => errors.push(error))
    requeuest.onSettled('handled', async ({ tx, request }) => {
      await (tx as PrismaClient).httpLine.count({ where: { channel: request.channel } })
    })
    await requeuest.start({ channels: ['a', 'handled'], concurrency: 10 })
    const ids = await requeuest.spawnMany('a', Array(40).fill({ method: 'POST', url: receiver.url, body: 'x' }))
    ids.push(...(await requeuest.spawnMany('a', Array(5).fill(receiver.url), { order: { key: 'k' }, delay: 10 })))
    ids.push(
      ...(await prisma.$transaction(async (tx) => [
        await requeuest.spawn('handled', receiver.url, { tx, dedupe: { key: 'one' } }),
        await requeuest.spawn('a', receiver.url, { tx, dedupe: { key: 'two' }, expiresAfter: 60_000 }),
      ])),
    )
    ids.push(await requeuest.spawn('handled', receiver.url, { dedupe: { key: 'three' } }))
    for (const id of ids) await requeuest.waitFor(id)
    await requeuest.cancel(await requeuest.spawn('other', receiver.url))
    await requeuest.pause({ channel: 'a' })
    await requeuest.resume({ channel: 'a' })
    await requeuest.stop()
    const plain = connect(url)
    const sent = receiver.requests.map(({ headers }) => headers['idempotency-key'])
    expect(await plain.httpAttempt.count()).toBe(sent.length)
    expect(await plain.httpRequest.count({ where: { state: 'delivered' } })).toBe(ids.length)
    const [row] = await plain.httpRequest.findMany({
      where: { attemptCount: { gt: 1 } },
      include: { attempts: { orderBy: { number: 'asc' } } },
    })
    expect(row!.attempts.map(({ status }) => status)).toEqual([...Array(row!.attemptCount - 1).fill(503), 200])
    expect(errors).toEqual([])
  },
)

test('a session with odd settings leaves the caller the settings of a transaction', async () => {
  const prisma = connect(await freshDatabase(), { options: '-c array_nulls=off -c extra_float_digits=0' })
  const requeuest = createRequeuest(prisma)
  await prisma.$transaction(async (tx) => {
    await requeuest.spawnMany('a', [DATA.url, { request: DATA.url, options: { order: 'channel' } }], { tx })
    const [settings] = await tx.$queryRaw<[object]>`
        SELECT current_setting('array_nulls') AS nulls, current_setting('extra_float_digits') AS digits`
    expect(settings).toEqual({ nulls: 'off', digits: '0' })
  })
  expect(await prisma.httpRequest.count({ where: { orderKey: null } })).toBe(1)
})

test.each([
  ['the session', '-c default_transaction_isolation=serializable', {}],
  ['the client', '', { transactionOptions: { isolationLevel: 'Serializable' as const } }],
])('statements are read committed, whatever is the default of %s', async (_, options, client) => {
  const adapter = new PrismaPg({ connectionString: await freshDatabase(), options })
  const prisma = new PrismaClient({ adapter, ...client })
  onTestFinished(() => prisma.$disconnect())
  const database = new Database(prisma, undefined)
  const isolation = (db: PrismaTransactionLike) =>
    db.$queryRaw<{ level: string }[]>`SELECT current_setting('transaction_isolation') AS level`
  const [[together]] = (await database.$transaction([isolation(database), isolation(database)])) as [[object]]
  const [open] = await database.$transaction(async (tx) => isolation(tx))
  const [alone] = await isolation(database)
  expect([together, open, alone]).toEqual(Array(3).fill({ level: 'read committed' }))
})

test('a client whose transactions are serializable by default loses no time to conflicts', async () => {
  const url = await freshDatabase()
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: url }),
    transactionOptions: { isolationLevel: 'Serializable' },
  })
  onTestFinished(() => prisma.$disconnect())
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  const errors: unknown[] = []
  requeuest.on('error', (error) => errors.push(error))
  await requeuest.setLimits({ channel: 'a' }, { concurrency: 5 })
  await requeuest.start({ channels: ['a'] })
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, n) => requeuest.spawn('a', receiver.url, { dedupe: { key: `${n % 50}` } })),
  )
  for (const id of ids) await requeuest.waitFor(id)
  expect(errors).toEqual([])
})
