import { MAX_INT } from '../check/bounds.ts'
import type { StoredContent } from '../message/message.ts'
import type { Delivery } from '../policy/attempt.ts'
import type { Decision } from '../policy/outcome.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { clamp } from '../runtime/clamp.ts'
import { distinct } from '../runtime/distinct.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, jsonList, plainList, textList } from './lists.ts'

/** A finished attempt with what it means for its request. */
export interface Settlement {
  claim: ClaimedRequest
  delivery: Delivery
  decision: Decision
  workerId: string
  /** The database's time when the attempt ended. */
  endedAtMs: number
}

/** A settlement with the response as it goes into the attempt's row. */
export interface StoredSettlement extends Omit<Settlement, 'endedAtMs'> {
  content: StoredContent
}

/**
 * What became of a settlement. `settled`: request and attempt are written. `lost`: the claim was no longer
 * held; the attempt is written all the same. `busy`: another transaction has the row locked; nothing is written yet.
 * `gone`: the request was deleted.
 */
export type Verdict = 'settled' | 'lost' | 'busy' | 'gone'

/**
 * Writes finished attempts: each request's next state and its attempt row, in one statement.
 *
 * The pair (id, attempt_count) is the fencing token: an attempt that lost its claim changes nothing, except that a late
 * success is true news and delivers what is not final yet. An attempt that the rescue wrote as abandoned is replaced
 * by what really happened. Rows that somebody else has locked are passed over, so that one open transaction
 * cannot hold up the whole group.
 *
 * What many responses have in common is passed once, and each says by its number which of that is its own. Lists are given as
 * `(SELECT …)`, as in `claimRequests`: the statement of a single attempt would be planned anew each time.
 *
 * @returns what became of those that are not settled
 */
export function settleClaims(db: PrismaTransactionLike, settlements: readonly StoredSettlement[]) {
  const column = <T>(value: (settlement: StoredSettlement) => T) => settlements.map(value)
  const bodies = joinBytes(column((s) => s.content.body))
  const heads = distinct(column(headOf), ['headers', 'encryptionKey', 'remoteAddress', 'workerId'])
  const head = <T>(value: (head: Head) => T) => heads.values.map(value)
  return db.$queryRaw<{ id: string; verdict: Exclude<Verdict, 'settled'> }[]>`
    WITH /* requeuest:settleClaims */ found AS MATERIALIZED (
      SELECT result.*, ((SELECT ${textList(head((h) => h.workerId))}::text[]))[head_number] AS worker_id,
        request.id IS NOT NULL AS locked, request.lease_until,
        (request.state = 'claimed' AND request.attempt_count = result.number)
          OR (request.state IN ('pending', 'claimed') AND result.state = 'delivered') AS settles,
        request.attempt_count = result.number AND request.state IN ('delivered', 'failed', 'cancelled') AS ended_before
      FROM unnest(
        (SELECT ${plainList(column((s) => s.claim.id))}::uuid[]),
        (SELECT ${plainList(column((s) => s.claim.number))}::int[]),
        (SELECT ${textList(column((s) => s.decision.state))}::text[]),
        (SELECT ${textList(column((s) => (s.decision.state === 'failed' ? s.decision.failureCode : null)))}::text[]),
        (SELECT ${plainList(column((s) => (s.decision.state === 'pending' ? s.decision.delayMs : null)))}::float8[]),
        (SELECT ${textList(column((s) => s.decision.outcome))}::text[]),
        (SELECT ${plainList(column((s) => s.claim.claimedAtMs))}::float8[]),
        (SELECT ${plainList(column((s) => clamp(s.delivery.durationMs, 0, MAX_INT)))}::int[]),
        (SELECT ${plainList(heads.numbers)}::int[]),
        (SELECT ${plainList(column((s) => s.delivery.status))}::smallint[]),
        (SELECT ${bodies.starts}::int[]),
        (SELECT ${bodies.lengths}::int[]),
        (SELECT ${plainList(column((s) => s.delivery.bodyTruncated))}::boolean[]),
        (SELECT ${plainList(column((s) => s.delivery.bodySize))}::int[]),
        (SELECT ${textList(column((s) => s.delivery.errorCode))}::text[]),
        (SELECT ${textList(column((s) => s.delivery.errorMessage))}::text[]),
        (SELECT ${textList(column((s) => (s.delivery.rendered ? JSON.stringify(s.delivery.rendered) : null)))}::text[])
      ) AS result (
        id, number, state, failure_code, delay_ms, outcome, started_at_ms, duration_ms, head_number, status,
        body_start, body_length, body_truncated, body_size, error_code, error_message, rendered)
      LEFT JOIN LATERAL (
        SELECT id, state, attempt_count, lease_until FROM requeuest_request
        WHERE id = result.id FOR NO KEY UPDATE SKIP LOCKED) AS request ON true
    ), settled AS (
      UPDATE requeuest_request AS request SET
        state = result.state::requeuest_request_state,
        failure_code = result.failure_code,
        run_at = coalesce(statement_timestamp() + result.delay_ms * interval '1 millisecond', request.run_at),
        finished_at = CASE WHEN result.state = 'pending' THEN NULL ELSE statement_timestamp() END,
        handler_due_at = CASE
          WHEN result.state <> 'pending' AND request.channel = ANY (ARRAY(SELECT channel FROM requeuest_handler))
            THEN statement_timestamp() END,
        lease_expiries = 0,
        -- After a late success another worker may still be sending: its lease keeps the line waiting.
        lease_until = CASE WHEN request.attempt_count > result.number THEN request.lease_until END,
        claimed_by = CASE WHEN request.attempt_count > result.number THEN request.claimed_by END,
        claimed_at = CASE WHEN request.attempt_count > result.number THEN request.claimed_at END
      FROM found AS result
      WHERE request.id = result.id AND result.settles
      RETURNING request.id, request.attempt_count, request.claimed_by, request.claimed_at
    ), superseded AS (
      -- The other worker's attempt has a row even if that worker never reports: nobody rescues what is delivered.
      INSERT INTO requeuest_attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, error_code, error_message)
      SELECT id, attempt_count, 'abandoned', claimed_at,
        least(greatest(extract(epoch FROM statement_timestamp()) - extract(epoch FROM claimed_at), 0) * 1000, 2147483647)::int, claimed_by, 'delivered_before',
        'An earlier attempt turned out to be accepted while this one was under way. The request may have been sent.'
      FROM settled WHERE claimed_by IS NOT NULL
      ON CONFLICT (request_id, number) DO NOTHING
    ), ended AS (
      -- It became final while this worker was sending: now that the worker is done, a line need not wait for it.
      UPDATE requeuest_request AS request SET lease_until = NULL, claimed_by = NULL, claimed_at = NULL
      FROM found
      WHERE request.id = found.id AND found.ended_before AND found.lease_until IS NOT NULL
    ), recorded AS (
      INSERT INTO requeuest_attempt AS attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, status, headers, body, encryption_key,
        body_truncated, body_size, error_code, error_message, remote_address, rendered, next_run_at)
      SELECT id, number, outcome::requeuest_attempt_outcome, to_timestamp(started_at_ms / 1000),
        duration_ms, worker_id, status, ((SELECT string_to_array(${jsonList(head((h) => h.headers))}, chr(30), '')::jsonb[]))[head_number],
        substring(${bodies.bytes}::bytea FROM body_start FOR body_length),
        ((SELECT ${textList(head((h) => h.encryptionKey))}::text[]))[head_number],
        body_truncated, body_size, error_code, error_message,
        ((SELECT ${textList(head((h) => h.remoteAddress))}::text[]))[head_number], rendered::jsonb,
        CASE WHEN settles THEN statement_timestamp() + delay_ms * interval '1 millisecond' END
      FROM found WHERE locked
      ON CONFLICT (request_id, number) DO UPDATE SET
        outcome = excluded.outcome, duration_ms = excluded.duration_ms, status = excluded.status,
        headers = excluded.headers, body = excluded.body, encryption_key = excluded.encryption_key,
        body_truncated = excluded.body_truncated,
        body_size = excluded.body_size, error_code = excluded.error_code, error_message = excluded.error_message,
        remote_address = excluded.remote_address, rendered = excluded.rendered
      WHERE attempt.outcome = 'abandoned'
    )
    SELECT id::text, CASE
        WHEN locked THEN 'lost'
        WHEN (SELECT true FROM requeuest_request WHERE id = found.id) THEN 'busy'
        ELSE 'gone'
      END AS verdict
    FROM found
    WHERE settles IS NOT TRUE
      -- It was written before, only the answer was lost: this statement does not see what it writes itself.
      AND (
        SELECT worker_id = found.worker_id AND outcome::text = found.outcome FROM requeuest_attempt
        WHERE request_id = found.id AND number = found.number) IS NOT TRUE`
}

/** Of a request that is retried and again, so many attempts keep their bodies. */
export const BODIES_KEPT = 100

/** Takes the bodies from attempts that lie further back than {@link BODIES_KEPT}; they then read as truncated. */
export function emptyOldAttempts(db: PrismaTransactionLike, claims: readonly Pick<ClaimedRequest, 'id' | 'number'>[]) {
  return db.$executeRaw`
    UPDATE /* requeuest:emptyOldAttempts */ requeuest_attempt AS attempt SET body = NULL, body_truncated = body_truncated OR length(body) > 0
    WHERE (request_id, number) IN (
      SELECT id, number - ${BODIES_KEPT}::int
      FROM unnest(${plainList(claims.map(({ id }) => id))}::uuid[], ${plainList(claims.map(({ number }) => number))}::int[]) AS claim (id, number))
      AND body IS NOT NULL`
}

/** What the responses of one receiver have in common. */
interface Head extends Pick<StoredContent, 'headers' | 'encryptionKey'>, Pick<Delivery, 'remoteAddress'> {
  workerId: string
}

function headOf({ content, delivery, workerId }: StoredSettlement): Head {
  const { headers, encryptionKey } = content
  return { headers, encryptionKey, remoteAddress: delivery.remoteAddress, workerId }
}
