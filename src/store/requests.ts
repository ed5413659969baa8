import type { NewRequest, RequestState, StoredContent } from '../core/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, jsonList, plainList, textList } from './lists.ts'
import { delaysOf, rulesOf } from './policy.ts'

/** A request with its content as it goes into the row. */
export type StoredRequest = Omit<NewRequest, keyof StoredContent> & StoredContent

/** A worker that takes a request as soon as it is written. */
export interface Taker {
  workerId: string
  /** How long the lease outlives the request's timeout. */
  graceMs: number
}

/**
 * As {@link insertRequests}, for one: with plain parameters it is planned in half of the time. With a taker it is written
 * as claimed, unless its channel or origin is paused.
 *
 * @returns nothing when its id is there already
 */
export function insertRequest(db: PrismaTransactionLike, request: StoredRequest, taker: Taker | null) {
  const { due, expiry, retry, dedupe } = request
  const workerId = taker?.workerId ?? null
  return db.$queryRaw<{ claimedAtMs: number | null; expiresAtMs: number | null }[]>`
    INSERT INTO requeuest_request (
      id, channel, priority, order_key, after_failure, method, url, origin, headers, body, encryption_key, accept,
      timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at, dedupe_key, dedupe_until,
      state, attempt_count, claimed_by, claimed_at, lease_until)
    SELECT
      ${request.id}::uuid, ${request.channel}, ${request.priority}::smallint, ${request.orderKey},
      ${request.afterFailure}::text::requeuest_after_failure, ${request.method}, ${request.url},
      requeuest_origin(${request.url}), ${JSON.stringify(request.headers)}::text::jsonb,
      ${request.body}::bytea, ${request.encryptionKey},
      string_to_array(${request.accept.join(',')}, ','), ${request.timeoutMs}::int, ${request.maxRedirects}::smallint,
      ${retry.maxAttempts}::int, ${retry.baseMs}::int, ${retry.factor}::float8, ${retry.maxMs}::int,
      ${retry.jitter}::text::requeuest_jitter, ${delaysOf(request)}::text::int[],
      ${rulesOf(request) && JSON.stringify(request.onStatus)}::text::jsonb,
      coalesce(
        to_timestamp(${'atMs' in due ? due.atMs : null}::float8 / 1000),
        statement_timestamp() + ${'delayMs' in due ? due.delayMs : null}::float8 * interval '1 millisecond'),
      coalesce(
        to_timestamp(${expiry && 'atMs' in expiry ? expiry.atMs : null}::float8 / 1000),
        statement_timestamp() + ${expiry && 'afterMs' in expiry ? expiry.afterMs : null}::float8 * interval '1 millisecond'),
      ${dedupe?.key ?? null}, statement_timestamp() + ${dedupe?.forMs ?? null}::float8 * interval '1 millisecond',
      CASE WHEN taker.id IS NULL THEN 'pending' ELSE 'claimed' END::requeuest_request_state,
      CASE WHEN taker.id IS NULL THEN 0 ELSE 1 END, taker.id,
      CASE WHEN taker.id IS NOT NULL THEN statement_timestamp() END,
      CASE WHEN taker.id IS NOT NULL
        THEN statement_timestamp() + ${request.timeoutMs + (taker?.graceMs ?? 0)}::int * interval '1 millisecond' END
    FROM (
      SELECT CASE WHEN NOT EXISTS (SELECT FROM requeuest_channel WHERE channel = ${request.channel} AND paused_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM requeuest_origin WHERE origin = requeuest_origin(${request.url}) AND paused_at IS NOT NULL)
        THEN ${workerId}::text END
      WHERE ${workerId}::text IS NOT NULL
      UNION ALL
      SELECT NULL WHERE ${workerId}::text IS NULL
    ) AS taker (id)
    ON CONFLICT (id) DO NOTHING
    RETURNING (extract(epoch FROM claimed_at) * 1000)::float8 AS "claimedAtMs",
      (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs"`
}

/**
 * Writes requests, one statement for all of them. A request whose id is there already is left as it is, so a
 * spawn whose answer was lost can be repeated.
 *
 * The rows go in ordered by line: two transactions that spawn into the same lines then take the lines' locks in
 * the same order. Within a line the given order stays.
 */
export function insertRequests(db: PrismaTransactionLike, requests: readonly StoredRequest[]) {
  const column = <T>(value: (request: StoredRequest) => T) => requests.map(value)
  const bodies = joinBytes(column((r) => r.body))
  return db.$executeRaw`
    INSERT INTO requeuest_request (
      id, channel, priority, order_key, after_failure, method, url, origin, headers, body,
      encryption_key, accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at, dedupe_key, dedupe_until)
    SELECT
      id, channel, priority, order_key, after_failure::requeuest_after_failure, method, url, requeuest_origin(url),
      headers::jsonb, substring(${bodies.bytes}::bytea FROM body_start FOR body_length), encryption_key, string_to_array(accept, ','), timeout_ms,
      max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter::requeuest_jitter,
      backoff_delays_ms::int[], on_status::jsonb,
      coalesce(to_timestamp(run_at_ms / 1000), statement_timestamp() + delay_ms * interval '1 millisecond'),
      coalesce(to_timestamp(expires_at_ms / 1000), statement_timestamp() + expires_after_ms * interval '1 millisecond'),
      dedupe_key, statement_timestamp() + dedupe_for_ms * interval '1 millisecond'
    FROM unnest(
      ${plainList(column((r) => r.id))}::uuid[],
      ${textList(column((r) => r.channel))}::text[],
      ${plainList(column((r) => r.priority))}::smallint[],
      ${textList(column((r) => r.orderKey))}::text[],
      ${textList(column((r) => r.afterFailure))}::text[],
      ${textList(column((r) => r.method))}::text[],
      ${textList(column((r) => r.url))}::text[],
      string_to_array(${jsonList(column((r) => r.headers))}, chr(30), ''),
      ${bodies.starts}::int[],
      ${bodies.lengths}::int[],
      ${textList(column((r) => r.encryptionKey))}::text[],
      ${textList(column((r) => r.accept.join(',')))}::text[],
      ${plainList(column((r) => r.timeoutMs))}::int[],
      ${plainList(column((r) => r.maxRedirects))}::smallint[],
      ${plainList(column((r) => r.retry.maxAttempts))}::int[],
      ${plainList(column((r) => r.retry.baseMs))}::int[],
      ${plainList(column((r) => r.retry.factor))}::float8[],
      ${plainList(column((r) => r.retry.maxMs))}::int[],
      ${textList(column((r) => r.retry.jitter))}::text[],
      ${textList(column(delaysOf))}::text[],
      string_to_array(${jsonList(column(rulesOf))}, chr(30), ''),
      ${plainList(column((r) => ('delayMs' in r.due ? r.due.delayMs : null)))}::float8[],
      ${plainList(column((r) => ('atMs' in r.due ? r.due.atMs : null)))}::float8[],
      ${plainList(column((r) => (r.expiry && 'afterMs' in r.expiry ? r.expiry.afterMs : null)))}::float8[],
      ${plainList(column((r) => (r.expiry && 'atMs' in r.expiry ? r.expiry.atMs : null)))}::float8[],
      ${textList(column((r) => r.dedupe?.key ?? null))}::text[],
      ${plainList(column((r) => r.dedupe?.forMs ?? null))}::float8[]
    ) WITH ORDINALITY AS new (
      id, channel, priority, order_key, after_failure, method, url, headers, body_start, body_length,
      encryption_key, accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms,
      backoff_jitter, backoff_delays_ms, on_status, delay_ms, run_at_ms, expires_after_ms, expires_at_ms, dedupe_key, dedupe_for_ms, position)
    ORDER BY order_key, position
    ON CONFLICT (id) DO NOTHING`
}

/** Cancels up to `limit` pending requests of the given channels, of all when `channels` is null. */
export function cancelPending(db: PrismaTransactionLike, channels: string[] | null, limit: number) {
  return db.$queryRaw<{ id: string }[]>`
    UPDATE requeuest_request AS request SET
      state = 'cancelled', finished_at = statement_timestamp(),
      handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)
    WHERE id IN (
      SELECT id FROM requeuest_request
      WHERE state = 'pending' AND (${channels}::text[] IS NULL OR channel = ANY(${channels}::text[]))
      LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id::text`
}

export interface FinalRow extends StoredContent {
  id: string
  /** Number of the accepted try; null when there is none. */
  number: number | null
  state: Extract<RequestState, 'delivered' | 'failed' | 'cancelled'>
  failureCode: string | null
  attempts: number
  status: number | null
  bodyTruncated: boolean | null
  lastError: string | null
}

/** Those of the given requests that are final, each with its accepted response and its last error. */
export function findFinal(db: PrismaTransactionLike, ids: string[]) {
  return db.$queryRaw<FinalRow[]>`
    SELECT request.id::text, request.state::text, request.failure_code AS "failureCode",
      request.attempt_count AS attempts, accepted.number, accepted.status, accepted.headers, accepted.body,
      accepted.encryption_key AS "encryptionKey",
      accepted.body_truncated AS "bodyTruncated", coalesce(last.error_code, 'status ' || last.status) AS "lastError"
    FROM unnest(${ids}::uuid[]) AS wanted (id)
    JOIN requeuest_request AS request ON request.id = wanted.id AND request.state IN ('delivered', 'failed', 'cancelled')
    LEFT JOIN LATERAL (
      SELECT number, status, headers, body, encryption_key, body_truncated FROM requeuest_attempt
      WHERE request_id = request.id AND outcome = 'accepted' ORDER BY number LIMIT 1) AS accepted ON true
    LEFT JOIN LATERAL (
      SELECT error_code, status FROM requeuest_attempt
      WHERE request_id = request.id ORDER BY number DESC LIMIT 1) AS last ON true`
}

/** Those of the given ids that no request has. */
export function findMissing(db: PrismaTransactionLike, ids: string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT wanted.id::text FROM unnest(${ids}::uuid[]) AS wanted (id)
    WHERE NOT EXISTS (SELECT 1 FROM requeuest_request AS request WHERE request.id = wanted.id)`
}
