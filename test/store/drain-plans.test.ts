import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findOutlasting } from '../../src/store/pending.ts'
import { findFittingWatermarks } from '../../src/store/watermarks.ts'
import { useDatabase } from '../support/fixture.ts'
import { costOf, costOfClaim, insertBacklog, type PlanMode } from '../support/plans.ts'

const database = useDatabase()

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('ALTER TABLE requeuest_request SET (autovacuum_enabled = false)')
})
afterAll(() => client.end())

const lowest = {
  ...{ channel: 'test', priority: 5, runAtMs: Number.NEGATIVE_INFINITY },
  id: '00000000-0000-0000-0000-000000000000',
}

test.each<PlanMode>(['force_custom_plan', 'force_generic_plan'])(
  'a backlog that does not fit in the budget of a drain is not read as a whole: %s',
  async (mode) => {
    await insertBacklog(database.prisma, 50_000)
    await client.query('ANALYZE requeuest_request')
    const claiming = await costOfClaim(client, mode, { limit: 50, longestTimeoutMs: 1000 })
    expect(claiming).toMatchObject({ scanned: [] })
    expect(claiming.read).toBeLessThan(200)
    const asking = await costOf(client, mode, (db) => findOutlasting(db, ['test'], 1000))
    expect(asking).toMatchObject({ scanned: [] })
    expect(asking.read).toBeLessThan(200)
    const passing = await costOf(client, mode, (db) => findFittingWatermarks(db, [lowest], 1000))
    expect(passing).toMatchObject({ scanned: [] })
    expect(passing.read).toBeLessThan(11_000)
  },
)
