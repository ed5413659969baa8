import type { ClaimedRequest } from '../core/request.ts'
import type { RetryPolicy } from '../core/retry-policy.ts'
import type { PrismaTransactionLike } from './db.ts'

type ClaimedRow = Omit<ClaimedRequest, 'retry'> & RetryPolicy

/**
 * Takes up to `limit` due requests of the given channels under leases of their timeout plus `graceMs`.
 *
 * A lane is a channel and a priority. Lanes are found by stepping from one to the next in the index, and each is
 * probed on its own, in the index's own order, for no more than the channel's share: neither a backlog nor rows
 * that are not due yet are ever read. `FOR UPDATE SKIP LOCKED` lets many workers do this at once.
 */
export function claimRequests(
  db: PrismaTransactionLike,
  channels: string[],
  limit: number,
  workerId: string,
  graceMs: number,
) {
  const share = Math.ceil(limit / channels.length)
  return db.$queryRaw<ClaimedRow[]>`
    WITH RECURSIVE lane (channel, priority) AS (
      SELECT wanted.channel, first.priority
      FROM unnest(${channels}::text[]) AS wanted (channel)
      CROSS JOIN LATERAL (
        SELECT priority FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT waits_in_line
        ORDER BY priority LIMIT 1) AS first
      UNION ALL
      SELECT lane.channel, next.priority
      FROM lane
      CROSS JOIN LATERAL (
        SELECT priority FROM requeuest_request
        WHERE channel = lane.channel AND state = 'pending' AND NOT waits_in_line AND priority > lane.priority
        ORDER BY priority LIMIT 1) AS next
    ), due AS MATERIALIZED (
      SELECT probe.id
      FROM lane
      CROSS JOIN LATERAL (
        SELECT id FROM requeuest_request
        WHERE channel = lane.channel AND priority = lane.priority AND state = 'pending' AND NOT waits_in_line
          AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT ${share} FOR UPDATE SKIP LOCKED) AS probe
      LIMIT ${limit}
    )
    UPDATE requeuest_request AS request SET
      state = 'claimed',
      attempt_count = request.attempt_count + 1,
      claimed_by = ${workerId},
      claimed_at = statement_timestamp(),
      lease_until = statement_timestamp() + (request.timeout_ms + ${graceMs}::int) * interval '1 millisecond'
    FROM due WHERE request.id = due.id
    RETURNING request.id::text, request.attempt_count AS number, request.channel,
      request.order_key IS NOT NULL AS ordered, request.method, request.url, request.headers, request.body,
      request.accept, request.timeout_ms AS "timeoutMs", request.max_redirects AS "maxRedirects",
      request.max_attempts AS "maxAttempts", request.backoff_base_ms AS "baseMs", request.backoff_factor AS factor,
      request.backoff_max_ms AS "maxMs", request.backoff_jitter::text AS jitter,
      (extract(epoch FROM request.claimed_at) * 1000)::float8 AS "claimedAtMs",
      (extract(epoch FROM request.expires_at) * 1000)::float8 AS "expiresAtMs"`
}

/** A claimed row as the rest of the library speaks of it. */
export function toClaimedRequest(row: ClaimedRow): ClaimedRequest {
  const { maxAttempts, baseMs, factor, maxMs, jitter, ...rest } = row
  return { ...rest, retry: { maxAttempts, baseMs, factor, maxMs, jitter } }
}

/** Gives back claims under which nothing was sent, with the try unspent. A claim that was lost stays as it is. */
export function releaseClaims(db: PrismaTransactionLike, claims: readonly { id: string; number: number }[]) {
  return db.$executeRaw`
    UPDATE requeuest_request AS request SET
      state = 'pending', attempt_count = request.attempt_count - 1,
      claimed_by = NULL, claimed_at = NULL, lease_until = NULL
    FROM unnest(${claims.map((claim) => claim.id)}::uuid[], ${claims.map((claim) => claim.number)}::int[])
      AS claim (id, number)
    WHERE request.id = claim.id AND request.attempt_count = claim.number AND request.state = 'claimed'`
}

/**
 * Gives back what a worker has claimed without knowing: the answer to a claim was lost, but the claim was not.
 *
 * @param held - the ids that the worker does know of
 */
export function releaseUnknownClaims(db: PrismaTransactionLike, workerId: string, held: readonly string[]) {
  return db.$executeRaw`
    UPDATE requeuest_request SET
      state = 'pending', attempt_count = attempt_count - 1, claimed_by = NULL, claimed_at = NULL, lease_until = NULL
    WHERE state = 'claimed' AND claimed_by = ${workerId} AND id <> ALL(${held}::uuid[])`
}

/** The channels that have pending requests, found by stepping through the index from one to the next. */
export function listPendingChannels(db: PrismaTransactionLike) {
  return db.$queryRaw<{ channel: string }[]>`
    WITH RECURSIVE found (channel) AS (
      (SELECT channel FROM requeuest_request WHERE state = 'pending' AND NOT waits_in_line ORDER BY channel LIMIT 1)
      UNION ALL
      SELECT next.channel FROM found CROSS JOIN LATERAL (
        SELECT channel FROM requeuest_request
        WHERE state = 'pending' AND NOT waits_in_line AND channel > found.channel
        ORDER BY channel LIMIT 1) AS next
    )
    SELECT channel FROM found`
}

/** Milliseconds until the next request of the given channels is due; null when none is pending. */
export function nextDueInMs(db: PrismaTransactionLike, channels: string[]) {
  return db.$queryRaw<{ ms: number | null }[]>`
    WITH RECURSIVE lane (channel, priority, run_at) AS (
      SELECT wanted.channel, first.priority, first.run_at
      FROM unnest(${channels}::text[]) AS wanted (channel)
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT waits_in_line
        ORDER BY priority, run_at LIMIT 1) AS first
      UNION ALL
      SELECT lane.channel, next.priority, next.run_at
      FROM lane
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = lane.channel AND state = 'pending' AND NOT waits_in_line AND priority > lane.priority
        ORDER BY priority, run_at LIMIT 1) AS next
    )
    SELECT (extract(epoch FROM min(run_at) - statement_timestamp()) * 1000)::float8 AS ms FROM lane`
}
