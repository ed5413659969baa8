import pg from 'pg'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { claimRequests } from '../../src/store/claims.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { settleClaims } from '../../src/store/settlements.ts'
import { claim, claimTerms, response } from './factory.ts'

/** When plans are made: for each statement's values, or once for all. */
export type PlanMode = 'force_custom_plan' | 'force_generic_plan'

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
async function cost(client: pg.Client, mode: PlanMode, make: (db: PrismaTransactionLike) => unknown) {
  const { text, values } = textOf(make)
  const given = values.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(String(value)))).join(', ')
  await client.query(`SET plan_cache_mode = ${mode}; PREPARE statement AS ${text}`)
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE statement (${given})`)
  await client.query('DEALLOCATE statement; RESET plan_cache_mode')
  const [{ Plan: plan }] = rows[0]['QUERY PLAN']
  const scanned = JSON.stringify(plan).match(/"Seq Scan"[^{}]*"Relation Name":"requeuest_request"/g) ?? []
  return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], scanned }
}

/** What claiming `batch` requests and settling them costs. */
export async function costOfDelivery(client: pg.Client, prisma: PrismaClient, mode: PlanMode, batch: number) {
  const limits = { limit: batch, limitPerOrigin: batch }
  const claiming = await cost(client, mode, (db) => claimRequests(db, claimTerms({ channels: ['test'], ...limits })))
  const settlements = (await claim(prisma, limits)).map((one) => ({
    claim: one,
    delivery: response(200),
    decision: { outcome: 'accepted', state: 'delivered' } as const,
    workerId: 'worker-1',
    content: { headers: null, body: null, encryptionKey: null },
  }))
  const settling = await cost(client, mode, (db) => settleClaims(db, settlements))
  return { claiming, settling, settled: settlements.length }
}

export async function insertBacklog(prisma: PrismaClient, count: number): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url)
    SELECT gen_random_uuid(), 'test', 'http://example.com/' FROM generate_series(1, ${count}::int)`
}

/** Requests of the highest priority that wait for their time: some from the start, some for their next try. */
export async function insertFuture(prisma: PrismaClient, count: number): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, priority, attempt_count, run_at)
    SELECT gen_random_uuid(), 'test', 'http://example.com/', n % 5, n % 2, statement_timestamp() + n * interval '1 second'
    FROM generate_series(60, ${count}::int + 59) AS n`
}
