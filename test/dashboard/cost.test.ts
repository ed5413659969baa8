import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { freshDatabase } from '../support/fixture.ts'
import { insertActivity, insertHistory } from '../support/history.ts'
import { costOfPage, PAGES_OF_HISTORY, withId } from '../support/page-cost.ts'

/** Much more than any page may read. */
const REQUESTS = 300_000
const MOST_BLOCKS = 2000

let prisma: PrismaClient
beforeAll(async () => {
  const connectionString = await freshDatabase()
  const client = new pg.Client({ connectionString })
  await client.connect()
  await insertHistory(client, REQUESTS)
  await insertActivity(client)
  await client.query('VACUUM ANALYZE requeuest_request, requeuest_attempt, requeuest_activity')
  await client.end()
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
}, 120_000)
afterAll(() => prisma.$disconnect())

test('no page of the dashboard reads more than 2000 pages of a database of many requests', async () => {
  const costs: Record<string, number> = {}
  for (const [name, path] of Object.entries(PAGES_OF_HISTORY)) {
    const { status, blocks } = await costOfPage(prisma, await withId(prisma, path))
    expect({ name, status }).toEqual({ name, status: 200 })
    costs[name] = blocks
  }
  const tooMuch = Object.fromEntries(Object.entries(costs).filter(([, blocks]) => blocks > MOST_BLOCKS))
  expect(tooMuch).toEqual({})
  // What is counted is what was read: the list alone looks up each of its rows.
  expect(costs['requests']).toBeGreaterThan(50)
})

test('a channel more makes it forty more at most', async () => {
  const channels = 60
  const pages = ['/', '/channels', '/workers']
  const costs = async () => Promise.all(pages.map(async (path) => (await costOfPage(prisma, path)).blocks))
  const before = await costs()
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin)
    SELECT gen_random_uuid(), 'tenant-' || n % ${channels}, 'https://a.example/', 'https://a.example'
    FROM generate_series(1, 6000) AS n`
  for (const [index, blocks] of (await costs()).entries()) {
    expect(blocks - before[index]!, pages[index]).toBeLessThan(40 * channels)
  }
})
