import type { Delivery } from '../core/attempt.ts'
import type { Decision } from '../core/outcome.ts'
import type { ClaimedRequest, StoredContent } from '../core/request.ts'
import { bytesParameter, type PrismaTransactionLike } from './db.ts'

/** A finished try with what it means for its request. */
export interface Settlement {
  claim: ClaimedRequest
  delivery: Delivery
  decision: Decision
  workerId: string
}

/** A settlement with the response as it goes into the attempt's row. */
export interface StoredSettlement extends Settlement {
  content: StoredContent
}

/**
 * What became of a settlement. `settled`: request and attempt are written. `lost`: the claim was no longer
 * held; the attempt is written all the same. `busy`: another transaction has the row locked; nothing is written yet.
 * `gone`: the request was deleted.
 */
export type Verdict = 'settled' | 'lost' | 'busy' | 'gone'

/**
 * Writes finished tries: each request's next state and its attempt row, in one statement.
 *
 * The pair (id, attempt_count) is the fencing token: a try that lost its claim changes nothing, except that a late
 * success is true news and delivers what is not final yet. An attempt that the rescue wrote as abandoned is replaced
 * by what really happened. Rows that somebody else has locked are passed over, so that one open transaction
 * cannot hold up the whole group.
 */
export function settleClaims(db: PrismaTransactionLike, settlements: readonly StoredSettlement[]) {
  const column = <T>(value: (settlement: StoredSettlement) => T) => settlements.map(value)
  const body = bytesParameter(column((s) => s.content.body))
  return db.$queryRaw<{ id: string; verdict: Verdict }[]>`
    WITH result AS (
      SELECT * FROM unnest(
        ${column((s) => s.claim.id)}::uuid[],
        ${column((s) => s.claim.number)}::int[],
        ${column((s) => s.decision.state)}::text[],
        ${column((s) => (s.decision.state === 'failed' ? s.decision.failureCode : null))}::text[],
        ${column((s) => (s.decision.state === 'pending' ? s.decision.delayMs : null))}::float8[],
        ${column((s) => s.decision.outcome)}::text[],
        ${column((s) => s.claim.claimedAtMs)}::float8[],
        ${column((s) => s.delivery.durationMs)}::int[],
        ${column((s) => s.workerId)}::text[],
        ${column((s) => s.delivery.status)}::smallint[],
        ${column((s) => s.content.headers && JSON.stringify(s.content.headers))}::text[],
        ${body.bytes}::bytea[],
        ${body.present}::boolean[],
        ${column((s) => s.content.encryptionKey)}::text[],
        ${column((s) => s.delivery.bodyTruncated)}::boolean[],
        ${column((s) => s.delivery.bodySize)}::int[],
        ${column((s) => s.delivery.errorCode)}::text[],
        ${column((s) => s.delivery.errorMessage)}::text[],
        ${column((s) => s.delivery.remoteAddress)}::text[]
      ) AS result (
        id, number, state, failure_code, delay_ms, outcome, started_at_ms, duration_ms, worker_id, status, headers,
        body, has_body, encryption_key, body_truncated, body_size, error_code, error_message, remote_address)
    ), locked AS (
      SELECT id FROM requeuest_request WHERE id IN (SELECT id FROM result) FOR NO KEY UPDATE SKIP LOCKED
    ), settled AS (
      UPDATE requeuest_request AS request SET
        state = result.state::requeuest_request_state,
        failure_code = result.failure_code,
        run_at = coalesce(statement_timestamp() + result.delay_ms * interval '1 millisecond', request.run_at),
        finished_at = CASE WHEN result.state = 'pending' THEN NULL ELSE statement_timestamp() END,
        lease_expiries = 0,
        -- After a late success another worker may still be sending: its lease keeps the line waiting.
        lease_until = CASE WHEN request.attempt_count > result.number THEN request.lease_until END,
        claimed_by = CASE WHEN request.attempt_count > result.number THEN request.claimed_by END,
        claimed_at = CASE WHEN request.attempt_count > result.number THEN request.claimed_at END
      FROM result JOIN locked ON locked.id = result.id
      WHERE request.id = result.id
        AND ((request.state = 'claimed' AND request.attempt_count = result.number)
          OR (request.state IN ('pending', 'claimed') AND result.state = 'delivered'))
      RETURNING request.id, result.number, request.attempt_count, request.claimed_by, request.claimed_at,
        CASE WHEN request.state = 'pending' THEN request.run_at END AS next_run_at
    ), superseded AS (
      -- The other worker's try has a row even if that worker never reports: nobody rescues what is delivered.
      INSERT INTO requeuest_attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, error_code, error_message)
      SELECT id, attempt_count, 'abandoned', claimed_at,
        (extract(epoch FROM statement_timestamp() - claimed_at) * 1000)::int, claimed_by, 'delivered_before',
        'An earlier try turned out to be accepted while this one was under way. The request may have been sent.'
      FROM settled WHERE claimed_by IS NOT NULL
      ON CONFLICT (request_id, number) DO NOTHING
    ), ended AS (
      -- It became final while this worker was sending: now that the worker is done, a line need not wait for it.
      UPDATE requeuest_request AS request SET lease_until = NULL, claimed_by = NULL, claimed_at = NULL
      FROM result JOIN locked ON locked.id = result.id
      WHERE request.id = result.id AND request.attempt_count = result.number AND request.lease_until IS NOT NULL
        AND request.state IN ('delivered', 'failed', 'cancelled')
    ), recorded AS (
      INSERT INTO requeuest_attempt AS attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, status, headers, body, encryption_key,
        body_truncated, body_size, error_code, error_message, remote_address, next_run_at)
      SELECT result.id, result.number, outcome::requeuest_attempt_outcome, to_timestamp(started_at_ms / 1000),
        duration_ms, worker_id, status, headers::jsonb, CASE WHEN has_body THEN body END, encryption_key,
        body_truncated, body_size, error_code, error_message, remote_address, settled.next_run_at
      FROM result JOIN locked ON locked.id = result.id LEFT JOIN settled ON settled.id = result.id
      ON CONFLICT (request_id, number) DO UPDATE SET
        outcome = excluded.outcome, duration_ms = excluded.duration_ms, status = excluded.status,
        headers = excluded.headers, body = excluded.body, encryption_key = excluded.encryption_key,
        body_truncated = excluded.body_truncated,
        body_size = excluded.body_size, error_code = excluded.error_code, error_message = excluded.error_message,
        remote_address = excluded.remote_address
      WHERE attempt.outcome = 'abandoned'
    )
    SELECT result.id::text, CASE
        WHEN settled.id IS NOT NULL THEN 'settled'
        -- It was written before, only the answer was lost: this statement does not see what it writes itself.
        WHEN EXISTS (
          SELECT 1 FROM requeuest_attempt AS attempt
          WHERE attempt.request_id = result.id AND attempt.number = result.number
            AND attempt.worker_id = result.worker_id AND attempt.outcome::text = result.outcome) THEN 'settled'
        WHEN locked.id IS NOT NULL THEN 'lost'
        WHEN EXISTS (SELECT 1 FROM requeuest_request AS request WHERE request.id = result.id) THEN 'busy'
        ELSE 'gone'
      END AS verdict
    FROM result LEFT JOIN locked ON locked.id = result.id LEFT JOIN settled ON settled.id = result.id`
}
