import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { Requeuest } from '../../src/index.ts'
import { Database } from '../../src/store/database.ts'
import { sqlState } from '../../src/store/db.ts'
import { PgClient } from '../../src/store/pg-client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

function clientOf(url = database.url, statementTimeoutMs = 10_000): PgClient {
  const client = new PgClient(pg, { connectionString: url, statementTimeoutMs })
  onTestFinished(() => client.$disconnect())
  return client
}

test('a request that is spawned through pg alone is the same to Prisma, and the other way round', async () => {
  const [own, prisma] = [new Requeuest(clientOf()), new Requeuest(database.prisma)]
  const request = {
    url: 'https://a.example/x?y=1',
    method: 'POST',
    headers: [
      ['x-a', '1'],
      ['x-a', '2'],
    ],
    body: Buffer.from([0, 255]),
  } as const
  const options = { order: { key: 'k' }, priority: 3, accept: ['2xx', 404], retry: { maxAttempts: 7 } } as const
  const ids = [await own.spawn('a', request as never, options), await prisma.spawn('a', request as never, options)]
  for (const id of ids) expect(await own.find(id)).toEqual(await prisma.find(id))
  const [one, other] = await Promise.all(
    ids.map((id) => database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })),
  )
  const same = { id: null, createdAt: null, runAt: null, orderSeq: null, blocked: null }
  expect({ ...one, ...same }).toEqual({ ...other, ...same })
})

test('a worker delivers through pg alone, and controls and schedules work', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(clientOf() as never)
  const [sent, cancelled] = await requeuest.spawnMany('a', [
    `${receiver.url}/1`,
    { request: `${receiver.url}/2`, options: { delay: '1h' } },
  ])
  expect(await requeuest.cancel(cancelled!)).toEqual({ matched: 1, cancelled: 1, inFlight: [] })
  expect(await requeuest.pause({ channel: 'b' })).toEqual({ inFlight: 0 })
  expect(await requeuest.resume({ channel: 'b' })).toBe(true)
  await requeuest.schedule('s', { cron: '@yearly', channel: 'a', request: `${receiver.url}/scheduled` })
  expect(await requeuest.runSchedule('s')).toBe(true)
  await requeuest.start({ channels: ['a'], listen: false })
  expect((await requeuest.waitFor(sent!)).status).toBe(200)
  await receiver.waitForRequests(2)
  expect(receiver.requests.map(({ url }) => url).sort()).toEqual(['/1', '/scheduled'])
  expect(await requeuest.schedules()).toMatchObject([{ name: 's', problem: null, lastRunAt: expect.any(Date) }])
  expect(await requeuest.redrive(cancelled!)).toEqual({ matched: 1, redriven: 1 })
})

test('what a transaction wrote that is rolled back is gone', async () => {
  const client = clientOf()
  const requeuest = new Requeuest(client)
  const failure = new Error('no')
  const rolledBack = client.$transaction(async (tx) => {
    await requeuest.spawn('a', 'https://a.example', { tx })
    throw failure
  })
  await expect(rolledBack).rejects.toBe(failure)
  await client.$transaction(async (tx) => requeuest.spawn('b', 'https://a.example', { tx }))
  expect(await database.prisma.httpRequest.findMany({ select: { channel: true } })).toEqual([{ channel: 'b' }])
})

test('values are as Prisma gives them', async () => {
  const values = (client: Pick<PgClient, '$queryRaw'>) => client.$queryRaw<unknown[]>`
    SELECT 9007199254740993::int8 AS big, 7::int4 AS small, '2026-01-02T03:04:05Z'::timestamptz AS time, '{"a":[1]}'::jsonb AS json,
      'x'::text AS text, ${'y'}::text AS given, ${null}::int AS nothing, '{a,b}'::text[] AS list, 1.5::float8 AS float, true AS bool`
  expect(await values(clientOf())).toEqual(await values(database.prisma))
  const [row] = await clientOf().$queryRaw<{ bytes: Uint8Array }[]>`SELECT ${Buffer.from([0, 255])}::bytea AS bytes`
  expect([...row!.bytes]).toEqual([0, 255])
})

test('errors have the SQLSTATE where the library looks for it, and hide the values of the row', async () => {
  const client = clientOf()
  const refused =
    await client.$executeRaw`INSERT INTO requeuest_request (id, channel, url) VALUES (gen_random_uuid(), '', 'secret')`.then(
      () => undefined,
      (error: unknown) => error,
    )
  expect(sqlState(refused)).toBe('23514')
  const other = new Requeuest(client, { schema: 'elsewhere' })
  await expect(other.spawn('a', 'https://a.example')).rejects.toMatchObject({ code: 'not_migrated' })
})

test('the timeout holds for each statement, and the library keeps to it', async () => {
  const client = clientOf(database.url, 50)
  const late = client.$queryRaw`SELECT pg_sleep(30)`.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(sqlState(await late)).toBe('57014')
  const db = new Database(client, undefined)
  expect((await db.find()).home.settings).toEqual([])
})

test('a connection that the server has closed is replaced', async () => {
  const client = clientOf()
  const pidOf = async () => (await client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]!.pid
  const pid = await pidOf()
  await database.prisma.$queryRaw`SELECT pg_terminate_backend(${pid}::int, 10000)`
  expect(await pidOf().catch(pidOf)).not.toBe(pid)
})

test('a connection that the server closes in a transaction fails the transaction, and nothing else', async () => {
  const client = clientOf()
  const lost = client.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
    await database.prisma.$queryRaw`SELECT pg_terminate_backend(${row!.pid}::int, 10000)`
    await tx.$queryRaw`SELECT 1`
  })
  await expect(lost).rejects.toThrow()
  expect(await client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
})

test('without a pooler between, it says that there is none', async () => {
  expect(await clientOf().pooler()).toBeNull()
})
