import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimRequests } from '../../src/store/claims.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { settleClaims } from '../../src/store/settlements.ts'
import { claim, claimTerms, response } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const BACKLOG = 100_000
const BATCH = 100
/** Pages that Postgres may look at for each row of a batch. A backlog that is read takes tens of thousands in all. */
const PAGES_PER_ROW = 60

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(() => client.end())

/** A statement as it would be sent. */
function textOf(make: (db: PrismaTransactionLike) => unknown): { text: string; values: unknown[] } {
  let sent: { text: string; values: unknown[] } | undefined
  make({
    $queryRaw: (parts: TemplateStringsArray, ...values: unknown[]) => {
      sent = { text: parts.reduce((text, part, index) => `${text}$${index}${part}`), values }
    },
  } as unknown as PrismaTransactionLike)
  return sent!
}

/** How many pages a statement looks at, planned for its values or once for all, and where it would read all requests. */
async function cost(mode: string, make: (db: PrismaTransactionLike) => unknown) {
  const { text, values } = textOf(make)
  const given = values.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(String(value)))).join(', ')
  await client.query(`SET plan_cache_mode = ${mode}; PREPARE statement AS ${text}`)
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE statement (${given})`)
  await client.query('DEALLOCATE statement; RESET plan_cache_mode')
  const [{ Plan: plan }] = rows[0]['QUERY PLAN']
  const scanned = JSON.stringify(plan).match(/"Seq Scan"[^{}]*"Relation Name":"requeuest_request"/g) ?? []
  return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], scanned }
}

test.each([
  ['planned each time', 'force_custom_plan', true],
  ['planned each time, with the table thought empty', 'force_custom_plan', false],
  ['planned once for all', 'force_generic_plan', true],
])('a backlog costs neither claim nor settle anything: %s', { timeout: 60_000 }, async (_, mode, analyzed) => {
  const { prisma } = database
  await client.query('ANALYZE requeuest_request, requeuest_attempt')
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url)
    SELECT gen_random_uuid(), 'test', 'http://example.com/' FROM generate_series(1, ${BACKLOG}::int)`
  if (analyzed) await client.query('ANALYZE requeuest_request')

  const limits = { limit: BATCH, limitPerOrigin: BATCH }
  const claiming = await cost(mode, (db) => claimRequests(db, claimTerms({ channels: ['test'], ...limits })))
  expect(claiming.scanned).toEqual([])
  expect(claiming.pages).toBeLessThan(BATCH * PAGES_PER_ROW)

  const claims = await claim(prisma, limits)
  expect(claims).toHaveLength(BATCH)
  const settlements = claims.map((one) => ({
    claim: one,
    delivery: response(200),
    decision: { outcome: 'accepted', state: 'delivered' } as const,
    workerId: 'worker-1',
    content: { headers: null, body: null, encryptionKey: null },
  }))
  const settling = await cost(mode, (db) => settleClaims(db, settlements))
  expect(settling.scanned).toEqual([])
  expect(settling.pages).toBeLessThan(BATCH * PAGES_PER_ROW)
})
