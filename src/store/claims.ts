import { LARGEST_COLUMN_BYTES } from '../message/largest.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { SHORT_BYTES } from './body-text.ts'
import type { ClaimedRow } from './claimed-row.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'
import { fragment, joined } from './statement.ts'
import type { LowWatermark } from './watermarks.ts'

/** Larger bodies are read when they are sent: a claim takes many requests, and their bodies are not to fill the memory. */
const CLAIMED_BYTES = 16_384

/** Requests of one channel, origin and priority. */
export interface Lane {
  channel: string
  origin: string
  priority: number
}

export interface ClaimTerms {
  channels: readonly string[]
  /** Where to take requests from when not every origin may have more; null for anywhere. */
  lanes: readonly Lane[] | null
  /** Where to begin in a channel, with all its priorities; in others from the beginning. */
  watermarks: readonly LowWatermark[]
  limit: number
  /** What may take longer than this to be answered is passed by; the largest whole number where nothing may. */
  longestTimeoutMs: number
  /** How many more of each of these origins may be claimed; of any other, `limitPerOrigin`. */
  rooms: ReadonlyMap<string, number>
  limitPerOrigin: number
  /** Of those, the ones that have answered when they were last sent to. */
  proved: ReadonlySet<string>
  /** How many more of all others together may be claimed. What has no origin of its own does not count. */
  unprovedRoom: number
  /** Whether origins may be kept back that are not in `rooms`: they are passed by, but for those that are probed here. */
  keptBack: boolean
  probing: readonly string[]
  /** What is encrypted with these keys is passed by. */
  missingKeys: readonly string[]
  workerId: string
  /** How long the lease outlives the request's timeout. */
  graceMs: number
  /** Whether the traces of their spawns are read as well. */
  isTraced: boolean
}

/**
 * Takes up to `limit` due requests under leases of their timeout plus `graceMs`.
 *
 * A channel's priorities are found by stepping from one to the next in the index, and each is probed on its own, in
 * the index's own order, for no more than the channel's share: neither a backlog nor rows that are not due yet are
 * ever read. The same goes for given lanes. `FOR UPDATE SKIP LOCKED` lets many workers do this at once. What is paused is
 * left out here and not only by workers that know of it, so that nothing is claimed once a pause is committed; by lists,
 * since a join may change the order.
 *
 * `priority >= -32768` and `origin >= ''`, which always hold, name the index that is meant. What is to be updated is given as
 * an array of places in the table, which are read one by one whatever number the planner expects; a join may read the whole
 * table. A row that has moved since the statement began is locked but not found there, and left for the next claim.
 *
 * Of what no sender takes, only as much is returned as tells that: a text of half a gigabyte would end the process.
 *
 * Lists and limits are given as `(SELECT …)`, whose value the planner does not look at: where the statement has a name, a plan
 * for these values then seems no cheaper than the one that is kept, and planning takes as long as claiming fifty requests.
 */
export function claimRequests(db: PrismaTransactionLike, terms: ClaimTerms) {
  const { channels, limit, rooms, limitPerOrigin, proved, unprovedRoom, keptBack, workerId, graceMs } = terms
  const missingKeys = textList(terms.missingKeys)
  const watermarks = terms.lanes === null ? terms.watermarks : []
  const raised = new Set(watermarks.map((watermark) => watermark.channel))
  const anywhere = terms.lanes === null ? channels.filter((channel) => !raised.has(channel)) : []
  const lanes = terms.lanes ?? []
  const share = Math.ceil(limit / Math.max(1, terms.lanes === null ? channels.length : lanes.length))
  const { query, values } = joined(
    fragment`
    WITH /* requeuest:claimRequests */ RECURSIVE level (channel, priority) AS (
      SELECT wanted.channel, first.priority
      FROM unnest((SELECT ${textList(anywhere)}::text[])) AS wanted (channel)
      CROSS JOIN LATERAL (
        SELECT priority FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
        ORDER BY priority LIMIT 1) AS first
      WHERE wanted.channel <> ALL (ARRAY(SELECT name FROM requeuest_limit WHERE kind = 'channel' AND paused_at IS NOT NULL))
      UNION ALL
      SELECT level.channel, next.priority
      FROM level
      CROSS JOIN LATERAL (
        SELECT priority FROM requeuest_request
        WHERE channel = level.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
          AND priority > level.priority
        ORDER BY priority LIMIT 1) AS next
    ), due AS MATERIALIZED (
      (SELECT probe.*
      FROM (
        SELECT channel, priority, timestamptz '-infinity' AS run_at, uuid '00000000-0000-0000-0000-000000000000' AS id
        FROM level
        UNION ALL
        SELECT channel, priority, to_timestamp(run_at_ms / 1000), id
        FROM unnest(
          (SELECT ${textList(watermarks.map((watermark) => watermark.channel))}::text[]),
          (SELECT ${plainList(watermarks.map((watermark) => watermark.priority))}::smallint[]),
          (SELECT ${plainList(watermarks.map((watermark) => watermark.runAtMs))}::float8[]),
          (SELECT ${plainList(watermarks.map((watermark) => watermark.id))}::uuid[])
        ) AS watermark (channel, priority, run_at_ms, id)
        WHERE watermark.channel <> ALL (ARRAY(SELECT name FROM requeuest_limit WHERE kind = 'channel' AND paused_at IS NOT NULL))
      ) AS lowest
      CROSS JOIN LATERAL (
        SELECT ctid AS place, id, origin, priority, run_at, timeout_ms FROM requeuest_request
        WHERE channel = lowest.channel AND priority = lowest.priority AND state = 'pending' AND NOT blocked
          AND priority >= -32768 AND (run_at, id) >= (lowest.run_at, lowest.id) AND run_at <= statement_timestamp()
          AND coalesce(encryption_key, '') <> ALL ((SELECT ${missingKeys}::text[])::text[])
        ORDER BY run_at, id LIMIT (SELECT ${share}::int) FOR UPDATE SKIP LOCKED) AS probe
      LIMIT (SELECT ${limit}::int))
      UNION ALL
      (SELECT probe.*
      FROM unnest(
        (SELECT ${textList(lanes.map((lane) => lane.channel))}::text[]),
        (SELECT ${textList(lanes.map((lane) => lane.origin))}::text[]),
        (SELECT ${plainList(lanes.map((lane) => lane.priority))}::smallint[])
      ) AS lane (channel, origin, priority)
      CROSS JOIN LATERAL (
        SELECT ctid AS place, id, origin, priority, run_at, timeout_ms FROM requeuest_request
        WHERE channel = lane.channel AND origin = lane.origin AND priority = lane.priority
          AND state = 'pending' AND NOT blocked AND origin >= '' AND run_at <= statement_timestamp()
          AND coalesce(encryption_key, '') <> ALL ((SELECT ${missingKeys}::text[])::text[])
        ORDER BY run_at, id LIMIT (SELECT ${share}::int) FOR UPDATE SKIP LOCKED) AS probe
      WHERE lane.channel <> ALL (ARRAY(SELECT name FROM requeuest_limit WHERE kind = 'channel' AND paused_at IS NOT NULL))
      LIMIT (SELECT ${limit}::int))
    ), allowed AS (
      SELECT place
      FROM (
        SELECT place, proved, row_number() OVER (PARTITION BY proved ORDER BY priority, run_at, id)
        FROM (
          SELECT *, row_number() OVER (PARTITION BY origin ORDER BY priority, run_at, id)
          FROM due WHERE timeout_ms <= (SELECT ${terms.longestTimeoutMs}::int)) AS ranked
        LEFT JOIN unnest(
          (SELECT ${textList([...rooms.keys()])}::text[]), (SELECT ${plainList([...rooms.values()])}::int[]),
          (SELECT ${plainList([...rooms.keys()].map((origin) => proved.has(origin)))}::boolean[])) AS known (name, room, is_proved)
          ON known.name = ranked.origin
        CROSS JOIN LATERAL (
          SELECT coalesce(known.is_proved, ranked.origin = '' OR starts_with(ranked.origin, 'render://')) AS proved) AS told
        WHERE ranked.row_number <= coalesce(known.room, (SELECT ${limitPerOrigin}::int))
          AND ranked.origin <> ALL (ARRAY(SELECT name FROM requeuest_limit WHERE kind = 'origin' AND paused_at IS NOT NULL))
          AND NOT ((SELECT ${keptBack}::boolean) AND ranked.origin <> ALL ((SELECT ${textList(terms.probing)}::text[])::text[]) AND coalesce((
            SELECT breaker <> 'closed' OR retry_at > statement_timestamp() FROM requeuest_limit AS control
            WHERE control.kind = 'origin' AND control.name = ranked.origin), false))
      ) AS open
      WHERE proved OR row_number <= (SELECT ${unprovedRoom}::int)
    )
    UPDATE requeuest_request AS request SET
      state = 'claimed',
      -- A row of one's own may hold any number, and what overflows would end the claim of all others with it.
      attempt_count = least(request.attempt_count, 2147483646) + 1,
      claimed_by = ${workerId},
      claimed_at = statement_timestamp(),
      lease_until = statement_timestamp() + (least(greatest(request.timeout_ms, 0), 86400000) + ${graceMs}::int) * interval '1 millisecond'
    WHERE request.ctid = ANY (ARRAY(SELECT place FROM allowed))
    RETURNING request.id::text, left(request.url, 10000) AS url,
      CASE WHEN pg_column_size(request.headers) <= ${LARGEST_COLUMN_BYTES}::int THEN request.headers::text
        ELSE '"#' || pg_column_size(request.headers) || '"' END AS headers,
      CASE WHEN octet_length(request.body) <= ${SHORT_BYTES}::int THEN encode(request.body, 'base64')
        WHEN octet_length(request.body) <= ${CLAIMED_BYTES}::int THEN requeuest_body_text(request.body)
        ELSE '#' || octet_length(request.body) END AS body,
      round(date_part('epoch', request.claimed_at) * 1000) AS "claimedAtMs",
      concat_ws(' ', date_part('epoch', request.created_at), date_part('epoch', greatest(request.created_at, request.run_at))`,
    terms.isTraced ? fragment`, left(request.trace_context, 1000)` : fragment``,
    fragment`) AS times,
      json_build_array(request.attempt_count, left(request.channel, 1000), left(request.method, 1000), left(request.origin, 1000),
        left(request.encryption_key, 1000), (extract(epoch FROM request.expires_at) * 1000)::float8, request.order_key IS NOT NULL,
        CASE WHEN pg_column_size(request.accept) <= ${LARGEST_COLUMN_BYTES}::int THEN request.accept ELSE '{}' END,
        request.timeout_ms, request.max_redirects, request.max_attempts, request.backoff_base_ms, request.backoff_factor,
        request.backoff_max_ms, request.backoff_jitter, request.attempts_before, request.backoff_delays_ms[:1000],
        CASE WHEN pg_column_size(request.on_status) <= ${LARGEST_COLUMN_BYTES}::int THEN request.on_status
          WHEN request.on_status IS NOT NULL THEN '[]' END,
        request.priority)::text AS shared`,
  )
  return db.$queryRaw<ClaimedRow[]>(query, ...values)
}

/**
 * The next up to `limit` lanes of each channel, found by stepping through the index from one to the next.
 *
 * @param after - for each channel the origin to begin behind
 */
export function scanOrigins(db: PrismaTransactionLike, after: ReadonlyMap<string, string>, limit: number) {
  return db.$queryRaw<(Lane & { due: boolean; keptBack: boolean })[]>`
    WITH /* requeuest:scanOrigins */ RECURSIVE lane (channel, origin, priority, run_at, number) AS (
      SELECT wanted.channel, first.*, 1
      FROM unnest((SELECT ${textList([...after.keys()])}::text[]), (SELECT ${textList([...after.values()])}::text[])) AS wanted (channel, after)
      CROSS JOIN LATERAL (
        SELECT origin, priority, run_at FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND origin >= ''
          AND (origin, priority) > (wanted.after, CASE WHEN wanted.after = '' THEN -32769 ELSE 32767 END)
        ORDER BY origin, priority, run_at LIMIT 1) AS first
      UNION ALL
      SELECT lane.channel, next.*, lane.number + 1
      FROM lane
      CROSS JOIN LATERAL (
        SELECT origin, priority, run_at FROM requeuest_request
        WHERE channel = lane.channel AND state = 'pending' AND NOT blocked AND origin >= ''
          AND (origin, priority) > (lane.origin, lane.priority)
        ORDER BY origin, priority, run_at LIMIT 1) AS next
      WHERE lane.number < ${limit}::int
    )
    SELECT channel, origin, priority, run_at <= statement_timestamp() AS due,
      coalesce((
        SELECT paused_at IS NOT NULL OR breaker <> 'closed' OR retry_at > statement_timestamp() FROM requeuest_limit AS control
        WHERE control.kind = 'origin' AND control.name = lane.origin), false) AS "keptBack"
    FROM lane ORDER BY channel, number`
}

/**
 * Gives back claims under which nothing was sent, with the attempt unspent and the origin that they say. A claim that was lost
 * stays as it is.
 *
 * @param delayMs - how long it shall not be claimed again; by default it keeps its place
 */
export function releaseClaims(
  db: PrismaTransactionLike,
  claims: readonly Pick<ClaimedRequest, 'id' | 'number' | 'origin'>[],
  delayMs: number | null = null,
) {
  return db.$executeRaw`
    UPDATE /* requeuest:releaseClaims */ requeuest_request AS request SET
      state = 'pending', attempt_count = request.attempt_count - 1,
      run_at = coalesce(statement_timestamp() + ${delayMs}::float8 * interval '1 millisecond', request.run_at),
      origin = claim.origin, claimed_by = NULL, claimed_at = NULL, lease_until = NULL
    FROM unnest(
      ${plainList(claims.map((claim) => claim.id))}::uuid[],
      ${plainList(claims.map((claim) => claim.number))}::int[],
      ${textList(claims.map((claim) => claim.origin))}::text[]
    ) AS claim (id, number, origin)
    WHERE request.id = claim.id AND request.attempt_count = claim.number AND request.state = 'claimed'`
}

/**
 * Gives back what a worker has claimed without knowing: the answer to a claim was lost, but the claim was not.
 *
 * @param held - the ids that the worker does know of
 */
export function releaseUnknownClaims(db: PrismaTransactionLike, workerId: string, held: readonly string[]) {
  return db.$executeRaw`
    UPDATE /* requeuest:releaseUnknownClaims */ requeuest_request SET
      state = 'pending', attempt_count = attempt_count - 1, claimed_by = NULL, claimed_at = NULL, lease_until = NULL
    WHERE state = 'claimed' AND claimed_by = ${workerId} AND id <> ALL(${plainList(held)}::uuid[])`
}
