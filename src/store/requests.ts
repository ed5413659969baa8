import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { StoredContent } from '../message/message.ts'
import { originOf } from '../message/origin.ts'
import type { Placement, RequestState } from '../policy/request.ts'
import type { ContentRow } from './body-text.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'
import { TOPIC } from './notifications.ts'
import { delaysOf, rulesOf } from './policy.ts'
import { fragment, joined } from './statement.ts'

/** A request with its content as it goes into the row. */
export interface StoredRequest extends StoredContent {
  id: string
  channel: string
  placement: Placement
  method: string
  url: string
  traceContext: string | null
}

/** A worker that takes a request as soon as it is written. */
export interface Claimant {
  workerId: string
  /** How long the lease outlives the request's timeout. */
  graceMs: number
}

/**
 * As {@link insertRequests}, for one: with plain parameters it is planned in half of the time. With a claimant it is written
 * as claimed, unless its channel or origin is paused, or its origin left alone.
 *
 * @param tells - whether it tells other processes as well, in the same commit
 * @returns nothing when its id, or its key, is there already
 */
export function insertRequest(
  db: PrismaTransactionLike,
  request: StoredRequest,
  claimant: Claimant | null,
  tells = false,
) {
  const { placement, traceContext } = request
  const { due, expiry, retry, dedupe } = placement
  const origin = originOf(request.url)
  const workerId = claimant?.workerId ?? null
  const isTraced = traceContext !== null
  const { query, values } = joined(
    fragment`
    INSERT /* requeuest:insertRequest */ INTO requeuest_request (
      id, channel, priority, order_key, after_failure, method, url, origin, headers, body, encryption_key, accept,
      timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at, dedupe_key, dedupe_until,
      state, attempt_count, claimed_by, claimed_at, lease_until`,
    isTraced ? fragment`, trace_context` : fragment``,
    fragment`)
    SELECT
      ${request.id}::uuid, ${request.channel}, ${placement.priority}::smallint, ${placement.orderKey},
      ${placement.afterFailure}::text::requeuest_after_failure, ${request.method}, ${request.url},
      ${origin}, ${JSON.stringify(request.headers)}::text::jsonb,
      ${request.body}::bytea, ${request.encryptionKey},
      string_to_array(${placement.accept.join(',')}, ','), ${placement.timeoutMs}::int, ${placement.maxRedirects}::smallint,
      ${retry.maxAttempts}::int, ${retry.baseMs}::int, ${retry.factor}::float8, ${retry.maxMs}::int,
      ${retry.jitter}::text::requeuest_jitter, ${delaysOf(placement)}::text::int[],
      ${rulesOf(placement) && JSON.stringify(placement.onStatus)}::text::jsonb,
      coalesce(
        to_timestamp(${'atMs' in due ? due.atMs : null}::float8 / 1000),
        statement_timestamp() + ${'delayMs' in due ? due.delayMs : null}::float8 * interval '1 millisecond'),
      coalesce(
        to_timestamp(${expiry && 'atMs' in expiry ? expiry.atMs : null}::float8 / 1000),
        statement_timestamp() + ${expiry && 'afterMs' in expiry ? expiry.afterMs : null}::float8 * interval '1 millisecond'),
      ${dedupe?.key ?? null}, statement_timestamp() + ${dedupe?.forMs ?? null}::float8 * interval '1 millisecond',
      CASE WHEN claimant.id IS NULL THEN 'pending' ELSE 'claimed' END::requeuest_request_state,
      CASE WHEN claimant.id IS NULL THEN 0 ELSE 1 END, claimant.id,
      CASE WHEN claimant.id IS NOT NULL THEN statement_timestamp() END,
      CASE WHEN claimant.id IS NOT NULL
        THEN statement_timestamp() + ${placement.timeoutMs + (claimant?.graceMs ?? 0)}::int * interval '1 millisecond' END`,
    isTraced ? fragment`, ${traceContext}` : fragment``,
    fragment`
    FROM (
      SELECT CASE WHEN NOT EXISTS (SELECT FROM requeuest_limit
          WHERE kind = 'channel' AND name = ${request.channel} AND paused_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM requeuest_limit
          WHERE kind = 'origin' AND name = ${origin} AND (paused_at IS NOT NULL OR breaker <> 'closed' OR retry_at > statement_timestamp()))
        THEN ${workerId}::text END
      WHERE ${workerId}::text IS NOT NULL
      UNION ALL
      SELECT NULL WHERE ${workerId}::text IS NULL
    ) AS claimant (id)
    ON CONFLICT DO NOTHING
    RETURNING (extract(epoch FROM claimed_at) * 1000)::float8 AS "claimedAtMs",
      (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs",
      CASE WHEN ${tells}::boolean THEN pg_notify(${TOPIC}, channel)::text END AS told`,
  )
  return db.$queryRaw<{ claimedAtMs: number | null; expiresAtMs: number | null }[]>(query, ...values)
}

/**
 * Cancels up to `limit` pending requests of the given channels, of all when `channels` is null. Those that another transaction
 * has locked are waited for, or they would be sent after all; a row that merely refers to one is no reason to wait.
 */
export function cancelPending(db: PrismaTransactionLike, channels: string[] | null, limit: number) {
  return db.$queryRaw<{ id: string }[]>`
    UPDATE /* requeuest:cancelPending */ requeuest_request AS request SET
      state = 'cancelled', finished_at = statement_timestamp(),
      handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)
    WHERE id IN (
      SELECT id FROM requeuest_request
      WHERE state = 'pending' AND (${channels}::text[] IS NULL OR channel = ANY(${channels}::text[]))
      LIMIT ${limit} FOR NO KEY UPDATE)
    RETURNING id::text`
}

export interface FinalRow extends ContentRow {
  id: string
  /** Number of the accepted attempt; null when there is none. */
  number: number | null
  state: Extract<RequestState, 'delivered' | 'failed' | 'cancelled'>
  failureCode: string | null
  attempts: number
  status: number | null
  bodyTruncated: boolean | null
  lastError: string | null
  lastMessage: string | null
}

/** There is no such request. */
export interface MissingRow {
  id: string
  state: null
}

/**
 * Those of the given requests that are final, each with its accepted response and its last error, and the ids that no
 * request has. Each id is looked up by itself, for which the limit is: where few are final, the planner would read the
 * whole table for a thousand of them.
 */
export function findFinal(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<(FinalRow | MissingRow)[]>`
    SELECT /* requeuest:findFinal */ wanted.id::text, request.state::text, request.failure_code AS "failureCode",
      request.attempt_count AS attempts, accepted.number, accepted.status,
      CASE WHEN pg_column_size(accepted.headers) <= ${LARGEST_COLUMN_BYTES}::int THEN accepted.headers END AS headers,
      CASE WHEN octet_length(accepted.body) <= ${LARGEST_STORED_BYTES}::int
        THEN requeuest_body_text(accepted.body) END AS body,
      accepted.encryption_key AS "encryptionKey", accepted.body_truncated AS "bodyTruncated",
      coalesce(last.error_code, 'status ' || last.status) AS "lastError", last.error_message AS "lastMessage"
    FROM unnest((SELECT ${plainList(ids)}::uuid[])) AS wanted (id)
    LEFT JOIN LATERAL (
      SELECT id, state, failure_code, attempt_count FROM requeuest_request WHERE id = wanted.id LIMIT 1) AS request ON true
    LEFT JOIN LATERAL (
      SELECT number, status, headers, body, encryption_key, body_truncated FROM requeuest_attempt
      WHERE request_id = request.id AND outcome = 'accepted' ORDER BY number LIMIT 1) AS accepted ON true
    LEFT JOIN LATERAL (
      SELECT error_code, error_message, status FROM requeuest_attempt
      WHERE request_id = request.id ORDER BY number DESC LIMIT 1) AS last ON true
    WHERE request.id IS NULL OR request.state IN ('delivered', 'failed', 'cancelled')`
}

/** Those of the given ids that no request has. */
export function findMissing(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findMissing */ wanted.id::text FROM unnest((SELECT ${plainList(ids)}::uuid[])) AS wanted (id)
    WHERE NOT EXISTS (SELECT 1 FROM requeuest_request AS request WHERE request.id = wanted.id)`
}
