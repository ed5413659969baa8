import pg from 'pg'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { settleAccepted } from '../../src/store/accepted.ts'
import { type ClaimTerms, claimRequests, scanOrigins } from '../../src/store/claims.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { findMaintenance } from '../../src/store/maintenance.ts'
import { findFinal } from '../../src/store/requests.ts'
import { type StoredSettlement, settleClaims } from '../../src/store/settlements.ts'
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
export async function costOf(client: pg.Client, mode: PlanMode, make: (db: PrismaTransactionLike) => unknown) {
  const { text, values } = textOf(make)
  const given = values.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(String(value)))).join(', ')
  await client.query(`SET plan_cache_mode = ${mode}; PREPARE statement AS ${text}`)
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE statement (${given})`)
  await client.query('DEALLOCATE statement; RESET plan_cache_mode')
  const [{ Plan: plan }] = rows[0]['QUERY PLAN']
  const scanned = JSON.stringify(plan).match(/"Seq Scan"[^{}]*"Relation Name":"requeuest_request"/g) ?? []
  return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], scanned, read: rowsRead(plan) }
}

interface PlanNode {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}

/** How many requests a plan read, those included that it then left out. */
function rowsRead(node: PlanNode): number {
  const isRead = node['Relation Name'] === 'requeuest_request'
  const own = isRead ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] : 0
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own)
}

/** What a claim of up to `limit` requests costs. It is undone. */
export async function costOfClaim(client: pg.Client, mode: PlanMode, terms: Partial<ClaimTerms>) {
  await client.query('BEGIN')
  const claiming = await costOf(client, mode, (db) => claimRequests(db, claimTerms(terms)))
  await client.query('ROLLBACK')
  return claiming
}

/** What it costs to list the first 50 lanes of a channel. */
export async function costOfLanes(client: pg.Client, mode: PlanMode) {
  return costOf(client, mode, (db) => scanOrigins(db, new Map([['test', '']]), 50))
}

/** What it costs to look for maintenance that became due since then. */
export async function costOfLook(client: pg.Client, mode: PlanMode, sinceMs: number) {
  return costOf(client, mode, (db) => findMaintenance(db, 0, [], sinceMs))
}

type Settle = (db: PrismaTransactionLike, settlements: readonly StoredSettlement[]) => unknown

/** What claiming `batch` requests and settling them costs, in either way. */
export async function costOfDelivery(client: pg.Client, prisma: PrismaClient, mode: PlanMode, batch: number) {
  const limits = { limit: batch, limitPerOrigin: batch }
  const claiming = await costOf(client, mode, (db) => claimRequests(db, claimTerms({ channels: ['test'], ...limits })))
  const settlements = (await claim(prisma, limits)).map((one) => ({
    claim: one,
    delivery: response(200),
    decision: { outcome: 'accepted', state: 'delivered' } as const,
    workerId: 'worker-1',
    content: { headers: null, body: null, encryptionKey: null },
  }))
  const half = settlements.length / 2
  const settle = (by: Settle, some: typeof settlements) => costOf(client, mode, (db) => by(db, some))
  const judging = await settle(settleClaims, settlements.slice(half))
  const settling = await settle(settleAccepted, settlements.slice(0, half))
  return { claiming, settling, judging, settled: settlements.length }
}

export async function insertBacklog(prisma: PrismaClient, count: number): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin)
    SELECT gen_random_uuid(), 'test', 'http://example.com/', 'http://example.com' FROM generate_series(1, ${count}::int)`
}

/**
 * Requests of the highest priorities that wait: every second one for its first time, the others for their next attempt. What
 * the triggers would fill in is given, and they are not run: that takes a tenth of the time.
 */
export async function insertWaiting(client: pg.Client, count: number): Promise<void> {
  await client.query(`
    SET session_replication_role = replica;
    INSERT INTO requeuest_request (id, channel, url, origin, priority, attempt_count, run_at)
    SELECT gen_random_uuid(), 'test', 'http://example.com/', 'http://example.com', n % 5, n % 2,
      statement_timestamp() + interval '1 hour' + n * interval '1 second'
    FROM generate_series(1, ${count}) AS n;
    SET session_replication_role = DEFAULT`)
}

/** What it costs to ask whether requests are final. */
export function costOfWait(client: pg.Client, mode: PlanMode, ids: readonly string[]) {
  return costOf(client, mode, (db) => findFinal(db, ids))
}
