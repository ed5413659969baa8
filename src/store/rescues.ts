import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'

export interface RescuedRow extends LeftRow {
  number: number
  workerId: string
  state: 'pending' | 'failed'
  failureCode: 'poison' | 'attempts_exhausted' | null
}

/** What is told of a request that no worker had when it failed. */
interface LeftRow {
  id: string
  channel: string
  method: string
  origin: string
  ageMs: number
}

/** No request may take longer than a day, so a lease that ends later was written by hand, or is damaged. */
export const LONGEST_LEASE_H = 48

/** Up to `limit` requests whose lease ran out, or never would, but for those named. */
export function findExpiredClaims(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findExpiredClaims */ id::text FROM (
      (SELECT id FROM requeuest_request
      WHERE state = 'claimed' AND lease_until < statement_timestamp() AND id <> ALL (${plainList(except)}::uuid[])
      ORDER BY lease_until LIMIT ${limit})
      UNION ALL
      (SELECT id FROM requeuest_request
      WHERE state = 'claimed' AND lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour'
        AND id <> ALL (${plainList(except)}::uuid[])
      ORDER BY lease_until DESC LIMIT ${limit})) AS expired`
}

/**
 * Takes back those of these requests whose lease ran out: records the attempt as abandoned from the claim's own stamps
 * and makes the request due again. After `maxExpiries` leases in a row it fails as poison.
 */
export function rescueExpiredClaims(db: PrismaTransactionLike, ids: readonly string[], maxExpiries: number) {
  return db.$queryRaw<RescuedRow[]>`
    WITH /* requeuest:rescueExpiredClaims */ expired AS (
      SELECT id, attempt_count, claimed_at, claimed_by, CASE
          WHEN lease_expiries >= ${maxExpiries}::int - 1 THEN 'poison'
          WHEN attempt_count >= max_attempts THEN 'attempts_exhausted'
        END AS failure_code
      FROM requeuest_request
      WHERE id = ANY (${plainList(ids)}::uuid[]) AND state = 'claimed'
        AND (lease_until < statement_timestamp() OR lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour')
      ORDER BY id FOR UPDATE SKIP LOCKED
    ), rescued AS (
      UPDATE requeuest_request AS request SET
        state = CASE WHEN expired.failure_code IS NULL THEN 'pending' ELSE 'failed' END::requeuest_request_state,
        failure_code = expired.failure_code,
        finished_at = CASE WHEN expired.failure_code IS NOT NULL THEN statement_timestamp() END,
        handler_due_at = CASE WHEN expired.failure_code IS NOT NULL THEN (
          SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel) END,
        run_at = statement_timestamp(),
        lease_expiries = least(request.lease_expiries, 32766) + 1,
        claimed_by = NULL, claimed_at = NULL, lease_until = NULL
      FROM expired WHERE request.id = expired.id
      RETURNING request.id, request.channel, request.method, request.origin, request.created_at, request.state, request.run_at
    ), recorded AS (
      INSERT INTO requeuest_attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, error_code, error_message, next_run_at)
      SELECT expired.id, attempt_count, 'abandoned', claimed_at,
        least(greatest(extract(epoch FROM statement_timestamp()) - extract(epoch FROM claimed_at), 0) * 1000, 2147483647)::int,
        claimed_by, 'lease_expired',
        'The worker did not report before its lease ran out. The request may have been sent.',
        CASE WHEN rescued.state = 'pending' THEN rescued.run_at END
      FROM expired JOIN rescued ON rescued.id = expired.id
      ON CONFLICT (request_id, number) DO NOTHING
    )
    SELECT rescued.id::text, rescued.channel, left(rescued.method, 1000) AS method, left(rescued.origin, 1000) AS origin,
      round(greatest((extract(epoch FROM statement_timestamp()) - extract(epoch FROM rescued.created_at)) * 1000, 0))::float8 AS "ageMs",
      expired.attempt_count AS number, expired.claimed_by AS "workerId",
      rescued.state::text, expired.failure_code AS "failureCode"
    FROM rescued JOIN expired ON expired.id = rescued.id`
}

/** Up to `limit` waiting requests whose `expires_at` has passed, but for those named. */
export function findExpiredRequests(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findExpiredRequests */ id::text FROM requeuest_request
    WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_at <= statement_timestamp()
      AND id <> ALL (${plainList(except)}::uuid[])
    ORDER BY expires_at LIMIT ${limit}`
}

/** Fails those of these requests that wait although their `expires_at` has passed. Nothing was sent, so no attempt is written. */
export function failExpiredRequests(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<(LeftRow & { attempts: number })[]>`
    UPDATE /* requeuest:failExpiredRequests */ requeuest_request AS request SET
      state = 'failed', failure_code = 'expired', finished_at = statement_timestamp(),
      handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)
    WHERE id = ANY (ARRAY(
      SELECT id FROM requeuest_request
      WHERE id = ANY (${plainList(ids)}::uuid[]) AND state = 'pending' AND expires_at <= statement_timestamp()
      ORDER BY id FOR UPDATE SKIP LOCKED))
    RETURNING id::text, channel, left(method, 1000) AS method, left(origin, 1000) AS origin,
      round(greatest((extract(epoch FROM statement_timestamp()) - extract(epoch FROM created_at)) * 1000, 0))::float8 AS "ageMs",
      attempt_count AS attempts`
}
