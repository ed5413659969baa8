import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { PrismaTransactionLike } from '../db.ts'

export interface OutcomeRow {
  origin: string
  outcome: AttemptOutcome
  status: number | null
  errorCode: string | null
  count: number
  averageMs: number
  longestMs: number
  firstAtMs: number
  lastAtMs: number
  exampleId: string
  /** How many attempts were looked at in all. */
  read: number
}

/**
 * The index in time says in which pages such attempts are, but not how many there are. A planner that expects many of them reads the
 * table from its beginning, where none are, until the limit is reached.
 */
export function avoidTableScan(db: PrismaTransactionLike) {
  return db.$queryRaw<unknown[]>`SELECT /* requeuest:avoidTableScan */ set_config('enable_seqscan', 'off', true)`
}

/** Up to `window` attempts of the last `spanMs` in groups by their receiver and how they ended: the `groups` largest. */
export function groupAttempts(db: PrismaTransactionLike, spanMs: number, window: number, groups: number) {
  return db.$queryRaw<OutcomeRow[]>`
    WITH /* requeuest:groupAttempts */ attempt AS MATERIALIZED (
      SELECT request_id, outcome, status, error_code, duration_ms, started_at FROM requeuest_attempt
      WHERE started_at >= statement_timestamp() - ${spanMs}::float8 * interval '1 millisecond' LIMIT ${window}::int)
    SELECT left(origin, 1000) AS origin, outcome::text, status, error_code AS "errorCode", count(*)::int AS count,
      avg(duration_ms)::float8 AS "averageMs", max(duration_ms) AS "longestMs",
      (extract(epoch FROM min(started_at)) * 1000)::float8 AS "firstAtMs",
      (extract(epoch FROM max(started_at)) * 1000)::float8 AS "lastAtMs",
      (array_agg(request_id::text ORDER BY started_at DESC))[1] AS "exampleId",
      (SELECT count(*)::int FROM attempt) AS read
    FROM attempt CROSS JOIN LATERAL (
      SELECT origin FROM requeuest_request WHERE id = attempt.request_id OFFSET 0) AS request
    GROUP BY origin, outcome, status, error_code
    ORDER BY count(*) DESC, max(started_at) DESC LIMIT ${groups}::int`
}
