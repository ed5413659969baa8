import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { RenderedRequest } from '../message/rendering.ts'
import type { AttemptFacts, AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import type { RequestState } from '../policy/request.ts'
import type { ContentRow } from './body-text.ts'
import type { PrismaTransactionLike } from './db.ts'

export interface RequestRow extends ContentRow {
  id: string
  channel: string
  state: RequestState
  priority: number
  orderKey: string | null
  method: string
  url: string
  accept: string[]
  attemptCount: number
  failureCode: FailureCode | null
  blocked: boolean
  bodiesPruned: boolean
  runAtMs: number
  createdAtMs: number
  finishedAtMs: number | null
}

export interface AttemptRow extends Omit<AttemptFacts, keyof ContentRow>, ContentRow {
  number: number
  outcome: AttemptOutcome
  startedAtMs: number
  workerId: string
  rendered: RenderedRequest | null
  nextRunAtMs: number | null
}

/** A request, without what is too large to be sent: nothing could be made of that but the end of the process. */
export function selectRequest(db: PrismaTransactionLike, id: string, withBody = true) {
  return db.$queryRaw<RequestRow[]>`
    SELECT /* requeuest:selectRequest */ id::text, channel, state::text, priority, order_key AS "orderKey", left(method, 1000) AS method,
      left(url, 10000) AS url,
      CASE WHEN pg_column_size(headers) <= ${LARGEST_COLUMN_BYTES}::int THEN headers END AS headers,
      CASE WHEN ${withBody}::boolean AND octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN requeuest_body_text(body) END AS body,
      left(encryption_key, 1000) AS "encryptionKey",
      CASE WHEN pg_column_size(accept) <= ${LARGEST_COLUMN_BYTES}::int THEN accept ELSE '{}' END AS accept,
      attempt_count AS "attemptCount", failure_code AS "failureCode", blocked,
      bodies_pruned AS "bodiesPruned",
      (extract(epoch FROM run_at) * 1000)::float8 AS "runAtMs",
      (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs",
      (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAtMs"
    FROM requeuest_request WHERE id = ${id}::uuid`
}

/**
 * The last `limit` attempts of a request, of those whose number is below `before`, in order of their numbers.
 *
 * @param bodyOf - the number of the only attempt whose body is wanted; null for all
 */
export function selectAttempts(
  db: PrismaTransactionLike,
  requestId: string,
  before: number | null,
  limit: number,
  bodyOf: number | null = null,
) {
  return db.$queryRaw<AttemptRow[]>`
    SELECT /* requeuest:selectAttempts */ number, outcome::text, (extract(epoch FROM started_at) * 1000)::float8 AS "startedAtMs",
      duration_ms AS "durationMs", worker_id AS "workerId", status,
      CASE WHEN pg_column_size(headers) <= ${LARGEST_COLUMN_BYTES}::int THEN headers END AS headers,
      CASE WHEN (${bodyOf}::int IS NULL OR number = ${bodyOf}::int) AND octet_length(body) <= ${LARGEST_STORED_BYTES}::int
        THEN requeuest_body_text(body) END AS body,
      encryption_key AS "encryptionKey", body_truncated AS "bodyTruncated",
      body_size AS "bodySize", error_code AS "errorCode", error_message AS "errorMessage",
      remote_address AS "remoteAddress", rendered, (extract(epoch FROM next_run_at) * 1000)::float8 AS "nextRunAtMs"
    FROM (
      SELECT * FROM requeuest_attempt
      WHERE request_id = ${requestId}::uuid AND (${before}::int IS NULL OR number < ${before}::int)
      ORDER BY number DESC LIMIT ${limit}::int) AS attempt
    ORDER BY number`
}

/** How many attempts of a request are recorded. */
export function countAttempts(db: PrismaTransactionLike, requestId: string) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT /* requeuest:countAttempts */ count(*)::int AS count FROM requeuest_attempt WHERE request_id = ${requestId}::uuid`
}

/** The attempt that made its request final: the accepted one, or else the last. */
export function selectDecidingAttempt(db: PrismaTransactionLike, requestId: string) {
  return db.$queryRaw<AttemptRow[]>`
    SELECT /* requeuest:selectDecidingAttempt */ number, outcome::text, (extract(epoch FROM started_at) * 1000)::float8 AS "startedAtMs",
      duration_ms AS "durationMs", worker_id AS "workerId", status,
      CASE WHEN pg_column_size(headers) <= ${LARGEST_COLUMN_BYTES}::int THEN headers END AS headers,
      CASE WHEN octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN requeuest_body_text(body) END AS body,
      encryption_key AS "encryptionKey", body_truncated AS "bodyTruncated",
      body_size AS "bodySize", error_code AS "errorCode", error_message AS "errorMessage",
      remote_address AS "remoteAddress", (extract(epoch FROM next_run_at) * 1000)::float8 AS "nextRunAtMs"
    FROM requeuest_attempt WHERE request_id = ${requestId}::uuid
    ORDER BY outcome = 'accepted' DESC, number DESC LIMIT 1`
}
