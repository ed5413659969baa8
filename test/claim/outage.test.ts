import { expect, onTestFinished, test, vi } from 'vitest'
import { type PrismaClientLike, Requeuest } from '../../src/index.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Ends every other connection to this database, as a restart or a failover does. */
async function terminateBackends(): Promise<number> {
  const rows = await database.prisma.$queryRaw<unknown[]>`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`
  return rows.length
}

test('lives through lost database connections and loses nothing', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(connect(database.url))
  const errors: string[] = []
  requeuest.on('error', (error) => errors.push(error.code))
  await requeuest.start({ channels: ['a'], concurrency: 4 })
  const producer = createRequeuest(database.prisma)
  const ids = await producer.spawnMany('a', Array(3000).fill(receiver.url))
  let terminated = 0
  // A connection that does nothing is lost without an error.
  for (let round = 1; round <= 10 || (errors.length === 0 && round < 140); round++) {
    await receiver.waitForRequests(round * 20)
    terminated += await terminateBackends()
  }
  await Promise.all(ids.map((id) => producer.waitFor(id)))
  await requeuest.stop()
  expect(terminated).toBeGreaterThan(0)
  expect(new Set(errors)).toEqual(new Set(['database_error']))
  const states = await database.prisma.httpRequest.groupBy({ by: ['state'], _count: true })
  expect(states).toEqual([{ state: 'delivered', _count: 3000 }])
  const attempts = await database.prisma.httpAttempt.count()
  expect(receiver.requests.length).toBe(attempts)
})

test('gives back at once what it claimed without getting the answer', async () => {
  const receiver = await receiverOf()
  const prisma = connect(database.url)
  let lost = 0
  const losing: PrismaClientLike = {
    $connect: () => prisma.$connect(),
    $queryRaw: prisma.$queryRaw.bind(prisma),
    $executeRaw: prisma.$executeRaw.bind(prisma),
    $transaction: (async (statements: never[], options: object) => {
      const results = await prisma.$transaction(statements, options)
      const [claims] = results as unknown as [unknown]
      if (lost > 0 || !Array.isArray(claims) || claims[0]?.claimedAtMs === undefined) return results as unknown[]
      lost += claims.length
      throw new Error('the connection broke before the answer came')
    }) as PrismaClientLike['$transaction'],
  }
  const requeuest = new Requeuest(losing, { network: { allow: ['127.0.0.1'] } })
  onTestFinished(() => requeuest.stop({ timeout: 0 }))
  const errors: string[] = []
  requeuest.on('error', (error) => errors.push(error.message))
  const ids = await requeuest.spawnMany('a', [receiver.url, receiver.url])
  await requeuest.start({ channels: ['a'] })
  for (const id of ids) expect(await requeuest.waitFor(id)).toMatchObject({ status: 200, attempts: 1 })
  expect(lost).toBe(2)
  expect(errors).toEqual([expect.stringContaining('the connection broke')])
})

test('gives back unsent what it is told too late that it has claimed', async () => {
  const receiver = await receiverOf()
  const now = performance.now.bind(performance)
  let lateMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + lateMs)
  onTestFinished(() => clock.mockRestore())
  let claims = 0
  const slow = database.prisma.$extends({
    query: {
      async $queryRaw({ args, query }) {
        const rows: unknown = await query(args)
        // A spawn answers with a time as well, which is null.
        if (!Array.isArray(rows) || typeof rows[0]?.claimedAtMs !== 'number') return rows
        claims += 1
        // Half of the time by which a lease outlives its request, and a little more.
        lateMs = 15_001
        return rows
      },
    },
  })
  const requeuest = createRequeuest(slow as unknown as typeof database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'] })
  expect(await requeuest.waitFor(id)).toMatchObject({ status: 200, attempts: 1 })
  expect(claims).toBe(2)
  expect(receiver.requests).toHaveLength(1)
})

test('a response that Postgres cannot hold does not hold up the others', async () => {
  const receiver = await receiverOf((request) => ({ body: request.url }))
  const requeuest = createRequeuest(database.prisma)
  await database.prisma.$executeRaw`
    CREATE FUNCTION refuse_body() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF convert_from(NEW.body, 'UTF8') = '/bad' THEN RAISE EXCEPTION USING ERRCODE = '22P05'; END IF;
      RETURN NEW;
    END $$`
  await database.prisma.$executeRaw`
    CREATE TRIGGER refuse_body BEFORE INSERT ON requeuest_attempt FOR EACH ROW EXECUTE FUNCTION refuse_body()`
  onTestFinished(async () => {
    await database.prisma.$executeRaw`DROP FUNCTION refuse_body CASCADE`
  })
  const ids = await requeuest.spawnMany(
    'a',
    ['/good', '/bad', '/fine'].map((path) => receiver.url + path),
  )
  await requeuest.start({ channels: ['a'] })
  const bodies = await Promise.all(ids.map(async (id) => (await requeuest.waitFor(id)).text()))
  expect(bodies).toEqual(['/good', '', '/fine'])
  expect((await requeuest.find(ids[1]!))!.attempts).toMatchObject([
    { outcome: 'accepted', status: 200, headers: null, errorMessage: 'The response could not be stored.' },
  ])
})
