import pg from 'pg'
import { expect, test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { costOfDelivery, insertBacklog } from '../support/plans.ts'

const database = useDatabase()
const BATCH = 100

test('a claim and a settlement look at no more pages with a million pending than with ten thousand', async () => {
  const { prisma, url } = database
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const pages = async () => {
    await client.query('VACUUM ANALYZE requeuest_request, requeuest_attempt')
    const { claiming, settling, settled } = await costOfDelivery(client, prisma, 'force_generic_plan', BATCH)
    expect(settled).toBe(BATCH)
    expect([claiming.scanned, settling.scanned]).toEqual([[], []])
    return { claiming: claiming.pages, settling: settling.pages }
  }
  try {
    await insertBacklog(prisma, 10_000)
    const few = await pages()
    await insertBacklog(prisma, 990_000)
    const many = await pages()
    // Indexes get deeper, and pages of a larger table are shared by fewer rows of a batch.
    expect(many.claiming).toBeLessThan(few.claiming * 2)
    expect(many.settling).toBeLessThan(few.settling * 2)
  } finally {
    await client.end()
  }
})
