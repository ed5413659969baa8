import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { FailureCode } from '../../policy/outcome.ts'
import type { PrismaTransactionLike } from '../db.ts'

export interface FailureRow {
  origin: string
  failureCode: FailureCode | null
  outcome: AttemptOutcome | null
  status: number | null
  errorCode: string | null
  count: number
  firstAtMs: number
  lastAtMs: number
  exampleId: string
  /** How many failed requests were looked at in all. */
  read: number
  /** When the first of them failed. */
  readFromMs: number
}

/**
 * The last `window` requests that failed, within the last `spanMs` if that is given, in groups by their receiver and their last
 * attempt: the `groups` largest.
 */
export function groupFailures(db: PrismaTransactionLike, spanMs: number | null, window: number, groups: number) {
  return db.$queryRaw<FailureRow[]>`
    WITH /* requeuest:groupFailures */ failed AS MATERIALIZED (
      SELECT found.* FROM (VALUES (true), (false)) AS bodies (pruned) CROSS JOIN LATERAL (
        SELECT id, origin, failure_code, finished_at FROM requeuest_request
        WHERE state = 'failed' AND bodies_pruned = bodies.pruned AND finished_at IS NOT NULL
          AND finished_at >= coalesce(statement_timestamp() - ${spanMs}::float8 * interval '1 millisecond', '-infinity')
        ORDER BY finished_at DESC LIMIT ${window}::int) AS found
      ORDER BY finished_at DESC LIMIT ${window}::int)
    SELECT left(origin, 1000) AS origin, failure_code AS "failureCode", outcome::text, status, error_code AS "errorCode", count(*)::int AS count,
      (extract(epoch FROM min(finished_at)) * 1000)::float8 AS "firstAtMs",
      (extract(epoch FROM max(finished_at)) * 1000)::float8 AS "lastAtMs",
      (array_agg(id::text ORDER BY finished_at DESC))[1] AS "exampleId",
      (SELECT count(*)::int FROM failed) AS read,
      (SELECT (extract(epoch FROM min(finished_at)) * 1000)::float8 FROM failed) AS "readFromMs"
    FROM failed LEFT JOIN LATERAL (
      SELECT outcome, status, error_code FROM requeuest_attempt
      WHERE request_id = failed.id ORDER BY number DESC LIMIT 1) AS last ON true
    GROUP BY origin, failure_code, outcome, status, error_code
    ORDER BY count(*) DESC, max(finished_at) DESC LIMIT ${groups}::int`
}
