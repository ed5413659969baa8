import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { costOfDelivery, insertBacklog, insertFuture, type PlanMode } from '../support/plans.ts'

const database = useDatabase()
const BACKLOG = 100_000
const FUTURE = 300_000
const BATCH = 100
/** Pages that Postgres may look at for each row of a batch. A backlog that is read takes tens of thousands in all. */
const PAGES_PER_ROW = 60

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(() => client.end())

test.each<[string, PlanMode, boolean]>([
  ['planned each time', 'force_custom_plan', true],
  ['planned each time, with the table thought empty', 'force_custom_plan', false],
  ['planned once for all', 'force_generic_plan', true],
])('a backlog costs neither claim nor settle anything: %s', { timeout: 60_000 }, async (_, mode, analyzed) => {
  await client.query('ANALYZE requeuest_request, requeuest_attempt')
  await insertBacklog(database.prisma, BACKLOG)
  if (analyzed) await client.query('ANALYZE requeuest_request')

  const { claiming, settling, settled } = await costOfDelivery(client, database.prisma, mode, BATCH)
  expect(settled).toBe(BATCH)
  expect([claiming.scanned, settling.scanned]).toEqual([[], []])
  expect(Math.max(claiming.pages, settling.pages)).toBeLessThan(BATCH * PAGES_PER_ROW)
})

test('requests of higher priority that are not due cost a claim nothing', { timeout: 60_000 }, async () => {
  await insertBacklog(database.prisma, 1000)
  await insertFuture(database.prisma, FUTURE)
  await client.query('ANALYZE requeuest_request')
  for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
    const { claiming, settled } = await costOfDelivery(client, database.prisma, mode, BATCH)
    expect(settled).toBe(BATCH)
    expect(claiming.scanned).toEqual([])
    expect(claiming.pages).toBeLessThan(BATCH * PAGES_PER_ROW)
  }
})
