import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LowWatermarks } from '../../src/claim/low-watermarks.ts'
import { findLowWatermarks, type LowWatermark } from '../../src/store/watermarks.ts'
import { claim } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const NIL = '00000000-0000-0000-0000-000000000000'

async function create(count: number, ageMs: number, { priority = 5, channel = 'test' } = {}): Promise<string[]> {
  const rows = await database.prisma.$queryRaw<{ id: string }[]>`
    INSERT INTO requeuest_request (id, channel, url, priority, run_at)
    SELECT gen_random_uuid(), ${channel}, 'http://example.com/', ${priority}::smallint,
      statement_timestamp() - ${ageMs}::int * interval '1 ms'
    FROM generate_series(1, ${count}::int)
    RETURNING id::text`
  return rows.map((row) => row.id)
}

const lowest = (priority = 5): LowWatermark => ({ channel: 'test', priority, runAtMs: 0, id: NIL })

async function databaseMs(): Promise<number> {
  const [{ ms }] = await database.prisma.$queryRaw<[{ ms: number }]>`
    SELECT (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS ms`
  return ms
}

test('a watermark is where the first stands that waits, and below what may yet be committed', async () => {
  const [first] = await create(1, 60_000)
  await create(5, 50_000)
  await create(1, -60_000, { priority: 2 })
  await create(1, 100, { priority: 3 })
  const beforeMs = await databaseMs()
  const [one, ahead, young, none] = await findLowWatermarks(
    database.prisma,
    [lowest(5), lowest(2), lowest(3), lowest(9)],
    [],
  )
  expect(one).toMatchObject({ priority: 5, id: first })
  expect(beforeMs - one!.runAtMs).toBeGreaterThan(59_000)
  for (const watermark of [ahead, young, none]) {
    expect(watermark!.id).toBe(NIL)
    expect(watermark!.runAtMs).toBeLessThanOrEqual((await databaseMs()) - 1900)
    expect(watermark!.runAtMs).toBeGreaterThan(beforeMs - 2100)
  }
})

test('a claim begins at the watermarks of a channel, and elsewhere at the beginning', async () => {
  const [below] = await create(1, 60_000)
  const [at, ...above] = (await create(3, 50_000)).sort()
  const [urgent] = await create(1, 1000, { priority: 1 })
  const [elsewhere] = await create(1, 70_000, { channel: 'other' })
  await database.prisma.$executeRaw`UPDATE requeuest_request SET state = 'cancelled' WHERE id = ${below}::uuid`
  const watermarks = await findLowWatermarks(database.prisma, [lowest(1), lowest(5)], [])
  expect(watermarks[1]).toMatchObject({ id: at })
  await database.prisma.$executeRaw`UPDATE requeuest_request SET state = 'pending' WHERE id = ${below}::uuid`

  const { prisma } = database
  const claims = await claim(prisma, { channels: ['test', 'other'], watermarks })
  expect(claims.map(({ id }) => id).sort()).toEqual([at, ...above, urgent, elsewhere].sort())
  expect((await claim(prisma, { watermarks })).length).toBe(0)
  expect((await claim(prisma)).map(({ id }) => id)).toEqual([below])
})

test('while dead rows cannot go claims begin behind them, what comes before is found, and watermarks go when they have gone', async () => {
  const { prisma } = database
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  onTestFinished(() => holder.end())
  await create(80_000, 60_000)
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM requeuest_request')
  await prisma.$executeRaw`UPDATE requeuest_request SET state = 'cancelled'`
  const [first] = await create(1, 50_000)

  const watermarks = new LowWatermarks(prisma, { missingKeys: [] })
  const look = async (tookMs: number) => {
    watermarks.claimed(['test'], tookMs)
    await watermarks.stop()
    return watermarks.of(['test'])
  }
  expect(await look(9)).toEqual([])
  expect((await look(11)).find((watermark) => watermark.priority === 5)).toMatchObject({ id: first })
  expect(watermarks.of(['test', 'other'])).toHaveLength(10)

  // A transaction that took long has committed it.
  const [late] = await create(1, 55_000)
  expect((await claim(prisma, { watermarks: watermarks.of(['test']) })).map(({ id }) => id)).toEqual([first])
  const isLate = (watermark: LowWatermark) => watermark.id === late
  await vi.waitFor(async () => expect((await look(0)).some(isLate)).toBe(true), { timeout: 15_000, interval: 50 })
  expect((await claim(prisma, { watermarks: watermarks.of(['test']) })).map(({ id }) => id)).toEqual([late])

  await holder.query('COMMIT')
  await prisma.$executeRaw`VACUUM requeuest_request`
  await vi.waitFor(async () => expect(await look(0)).toEqual([]), { timeout: 15_000, interval: 50 })
})
