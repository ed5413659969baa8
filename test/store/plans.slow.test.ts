import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ClaimTerms } from '../../src/store/claims.ts'
import { useDatabase } from '../support/fixture.ts'
import {
  costOfClaim,
  costOfDelivery,
  costOfLanes,
  costOfLook,
  costOfWait,
  insertBacklog,
  insertWaiting,
  type PlanMode,
} from '../support/plans.ts'

const database = useDatabase()
const BACKLOG = 100_000
const WAITING = 300_000
const BATCH = 100
/** Pages that Postgres may look at for each row of a batch. A backlog that is read takes tens of thousands in all. */
const PAGES_PER_ROW = 60

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // Or it may look at the table in the middle of a test, and plans would go by what it saw.
  await client.query('ALTER TABLE requeuest_request SET (autovacuum_enabled = false)')
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

  const { claiming, settling, judging, settled } = await costOfDelivery(client, database.prisma, mode, BATCH)
  expect(settled).toBe(BATCH)
  expect([claiming.scanned, settling.scanned, judging.scanned]).toEqual([[], [], []])
  expect(Math.max(claiming.pages, settling.pages, judging.pages)).toBeLessThan(BATCH * PAGES_PER_ROW)
})

test('300 000 waiting requests of higher priority cost a claim nothing', { timeout: 60_000 }, async () => {
  const anywhere = { channels: ['test'], limit: BATCH, limitPerOrigin: BATCH }
  const lanes = [0, 5].map((priority) => ({ channel: 'test', origin: 'http://example.com', priority }))
  const claims: [PlanMode, Partial<ClaimTerms>][] = [
    ['force_custom_plan', anywhere],
    ['force_generic_plan', anywhere],
    ['force_generic_plan', { ...anywhere, lanes }],
  ]
  const measure = async () => {
    await client.query('ANALYZE requeuest_request')
    const costs = []
    for (const [mode, terms] of claims) costs.push(await costOfClaim(client, mode, terms))
    return costs
  }
  await insertBacklog(database.prisma, BATCH)
  await insertWaiting(client, 10)
  const few = await measure()
  await insertWaiting(client, WAITING)
  const many = await measure()
  for (const [index, { pages, scanned, read }] of many.entries()) {
    expect(scanned).toEqual([])
    expect(read).toBeLessThan(4 * BATCH)
    // The indexes into which what is claimed is written are deeper.
    expect(pages - few[index]!.pages).toBeLessThan(10 * BATCH)
  }
})

// Where all was final when the table was last analyzed, an index of what waits is thought to be empty, and any as good as another.
test.each<PlanMode>(['force_custom_plan', 'force_generic_plan'])(
  'what waits for 500 receivers is not read to find them, where the planner believes that nothing waits: %s',
  async (mode) => {
    const insert = () =>
      client.query(`
        INSERT INTO requeuest_request (id, channel, url, origin, priority)
        SELECT gen_random_uuid(), CASE n % 10 WHEN 0 THEN 'other' ELSE 'test' END, origin || '/', origin, 5 + n % 2
        FROM generate_series(1, 10000) AS n, LATERAL (SELECT 'https://receiver-' || n % 500 || '.example.com' AS origin) AS own`)
    await insert()
    await client.query("UPDATE requeuest_request SET state = 'delivered'")
    await client.query('ANALYZE requeuest_request')
    await insert()
    expect((await costOfLanes(client, mode)).read).toBeLessThanOrEqual(50)
    const lanes = [{ channel: 'test', origin: 'https://receiver-7.example.com', priority: 6 }]
    const claiming = await costOfClaim(client, mode, { channels: ['test'], limit: 10, lanes })
    expect(claiming.read).toBeGreaterThanOrEqual(10)
    expect(claiming.read).toBeLessThanOrEqual(4 * 10)
  },
)

test('20 000 receivers that were left alone some time ago cost a claim nothing', async () => {
  await insertBacklog(database.prisma, 1000)
  await client.query('ANALYZE requeuest_request')
  const terms = { channels: ['test'], limit: 1 }
  const without = await costOfClaim(client, 'force_generic_plan', terms)
  await client.query(`
    INSERT INTO requeuest_limit (kind, name, retry_at) SELECT 'origin', 'http://' || n, now() FROM generate_series(1, 20000) AS n;
    ANALYZE requeuest_limit`)
  const { pages } = await costOfClaim(client, 'force_generic_plan', terms)
  expect(pages - without.pages).toBeLessThan(10)
})

test.each<PlanMode>(['force_custom_plan', 'force_generic_plan'])(
  'claims that have ended cost a look for maintenance nothing, although a transaction keeps their places: %s',
  async (mode) => {
    await insertBacklog(database.prisma, 1)
    await client.query('ANALYZE requeuest_request')
    const held = new pg.Client({ connectionString: database.url })
    await held.connect()
    onTestFinished(() => held.end())
    await held.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM requeuest_request')
    await client.query(`
      INSERT INTO requeuest_request (id, channel, url, origin, state, claimed_by, claimed_at, lease_until)
      SELECT gen_random_uuid(), 'test', 'http://example.com/', 'http://example.com', 'claimed', 'w', now(), now() - n * interval '1 s'
      FROM generate_series(1, 20000) AS n;
      UPDATE requeuest_request SET state = 'delivered', finished_at = now(), lease_until = now() + interval '1 h' WHERE state = 'claimed'`)
    const whole = await costOfLook(client, mode, 0)
    const later = await costOfLook(client, mode, Date.now() + 60_000)
    expect(whole.pages).toBeGreaterThan(100)
    expect(later.pages).toBeLessThan(30)
    expect([...whole.scanned, ...later.scanned]).toEqual([])
  },
)

test.each<PlanMode>(['force_custom_plan', 'force_generic_plan'])(
  'whether a thousand of 50 000 requests are final is not read from all of them: %s',
  { timeout: 60_000 },
  async (mode) => {
    await insertBacklog(database.prisma, 50_000)
    await client.query('ANALYZE requeuest_request, requeuest_attempt')
    const rows = await database.prisma.httpRequest.findMany({ select: { id: true }, take: 1000 })
    const { scanned, pages } = await costOfWait(
      client,
      mode,
      rows.map(({ id }) => id),
    )
    expect(scanned).toEqual([])
    expect(pages).toBeLessThan(5 * rows.length)
  },
)
