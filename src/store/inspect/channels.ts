import type { PrismaTransactionLike } from '../db.ts'
import { textList } from '../lists.ts'

/**
 * Up to `limit` channels with live requests or limits, by name: found by stepping through two indexes from one channel to the next,
 * and among the first `mostClaims` claims.
 */
export function listLiveChannels(db: PrismaTransactionLike, limit: number, mostClaims: number) {
  return db.$queryRaw<{ channel: string }[]>`
    WITH /* requeuest:listLiveChannels */ RECURSIVE ready (channel, number) AS (
      (SELECT channel, 1 FROM requeuest_request
        WHERE state = 'pending' AND NOT blocked AND priority >= -32768
        ORDER BY channel LIMIT 1)
      UNION ALL
      SELECT next.channel, number + 1 FROM ready CROSS JOIN LATERAL (
        SELECT channel FROM requeuest_request
        WHERE state = 'pending' AND NOT blocked AND priority >= -32768 AND channel > ready.channel
        ORDER BY channel LIMIT 1) AS next
      WHERE number < ${limit}::int
    ), ordered (channel, number) AS (
      (SELECT channel, 1 FROM requeuest_request
        WHERE order_key IS NOT NULL AND state IN ('pending', 'claimed')
        ORDER BY channel, order_key LIMIT 1)
      UNION ALL
      SELECT next.channel, number + 1 FROM ordered CROSS JOIN LATERAL (
        SELECT channel FROM requeuest_request
        WHERE order_key IS NOT NULL AND state IN ('pending', 'claimed') AND channel > ordered.channel
        ORDER BY channel, order_key LIMIT 1) AS next
      WHERE number < ${limit}::int
    )
    SELECT channel FROM ready
    UNION SELECT channel FROM ordered
    UNION SELECT channel FROM (
      SELECT channel FROM requeuest_request WHERE state = 'claimed' ORDER BY lease_until LIMIT ${mostClaims}::int) AS claim
    UNION SELECT name FROM requeuest_limit
      WHERE kind = 'channel' AND (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL)
    ORDER BY channel LIMIT ${limit}::int`
}

export interface ReadyCounts {
  channel: string
  due: number
  delayed: number
  oldestDueAtMs: number | null
  /** How long that has been due. */
  oldestDueMs: number | null
}

/**
 * How many requests of each channel are due, and how many are delayed, up to `limit` each, and since when the first one is due. Each
 * priority that occurs, found by stepping from one to the next, is a stretch of the index, in the order of time; `priority >= -32768`, which always holds, names the index (see
 * `claimRequests`).
 */
export function countReady(db: PrismaTransactionLike, channels: readonly string[], limit: number) {
  return db.$queryRaw<ReadyCounts[]>`
    SELECT /* requeuest:countReady */ wanted.channel, due.count AS due, delayed.count AS delayed,
      (extract(epoch FROM oldest.run_at) * 1000)::float8 AS "oldestDueAtMs",
      ((extract(epoch FROM statement_timestamp()) - extract(epoch FROM oldest.run_at)) * 1000)::float8 AS "oldestDueMs"
    FROM unnest(${textList(channels)}::text[]) AS wanted (channel)
    CROSS JOIN LATERAL (
      WITH RECURSIVE level (priority) AS (
        (SELECT priority FROM requeuest_request
          WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
          ORDER BY priority LIMIT 1)
        UNION ALL
        SELECT next.priority FROM level CROSS JOIN LATERAL (
          SELECT priority FROM requeuest_request
          WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
            AND priority > level.priority
          ORDER BY priority LIMIT 1) AS next
      )
      SELECT array_agg(priority) AS levels FROM level) AS present
    CROSS JOIN LATERAL (
      SELECT count(*)::int FROM (
        SELECT FROM unnest(present.levels) AS level (priority) CROSS JOIN LATERAL (
          SELECT FROM requeuest_request
          WHERE channel = wanted.channel AND priority = level.priority AND state = 'pending' AND NOT blocked
            AND priority >= -32768 AND run_at <= statement_timestamp()
          ORDER BY run_at, id LIMIT ${limit}::int) AS one
        LIMIT ${limit}::int) AS all_levels) AS due
    CROSS JOIN LATERAL (
      SELECT count(*)::int FROM (
        SELECT FROM unnest(present.levels) AS level (priority) CROSS JOIN LATERAL (
          SELECT FROM requeuest_request
          WHERE channel = wanted.channel AND priority = level.priority AND state = 'pending' AND NOT blocked
            AND priority >= -32768 AND run_at > statement_timestamp()
          ORDER BY run_at, id LIMIT ${limit}::int) AS one
        LIMIT ${limit}::int) AS all_levels) AS delayed
    CROSS JOIN LATERAL (
      SELECT min(run_at) AS run_at FROM unnest(present.levels) AS level (priority) CROSS JOIN LATERAL (
        SELECT run_at FROM requeuest_request
        WHERE channel = wanted.channel AND priority = level.priority AND state = 'pending' AND NOT blocked
          AND priority >= -32768 AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT 1) AS one) AS oldest`
}

export interface LineCounts {
  channel: string
  /** How many requests of lines were looked at. */
  read: number
  /** How many of them wait for an earlier one. */
  inLine: number
}

/** How many requests of each channel wait for an earlier one of their line, of the first `limit` that are live and in a line. */
export function countInLines(db: PrismaTransactionLike, channels: readonly string[], limit: number) {
  return db.$queryRaw<LineCounts[]>`
    SELECT /* requeuest:countInLines */ wanted.channel, line.*
    FROM unnest(${textList(channels)}::text[]) AS wanted (channel)
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS read, count(*) FILTER (WHERE blocked)::int AS "inLine" FROM (
        SELECT blocked FROM requeuest_request
        WHERE channel = wanted.channel AND order_key IS NOT NULL AND state IN ('pending', 'claimed')
        ORDER BY order_key, order_seq LIMIT ${limit}::int) AS member) AS line`
}

/** How many requests of each channel are claimed, among the first `limit` claims of all. */
export function countClaims(db: PrismaTransactionLike, limit: number) {
  return db.$queryRaw<{ channel: string; claimed: number }[]>`
    SELECT /* requeuest:countClaims */ channel, count(*)::int AS claimed FROM (
      SELECT channel FROM requeuest_request WHERE state = 'claimed' ORDER BY lease_until LIMIT ${limit}::int) AS claim
    GROUP BY channel`
}

export interface SampledCounts {
  channel: string
  due: number
  delayed: number
  inLine: number
  claimed: number
}

/**
 * How many live requests each channel has, by what is on `pages` pages that are chosen at random: an estimate, and a cost that does
 * not grow with the table.
 */
export function sampleChannels(db: PrismaTransactionLike, pages: number) {
  return db.$queryRaw<SampledCounts[]>`
    WITH /* requeuest:sampleChannels */ sample AS MATERIALIZED (
      SELECT least(100, 100.0 * ${pages}::int * current_setting('block_size')::int / greatest(pg_relation_size(tableoid), 1)) AS percent
      FROM requeuest_request ORDER BY id DESC LIMIT 1)
    SELECT channel,
      (count(*) FILTER (WHERE state = 'pending' AND NOT blocked AND run_at <= statement_timestamp()) * 100 / percent)::float8 AS due,
      (count(*) FILTER (WHERE state = 'pending' AND NOT blocked AND run_at > statement_timestamp()) * 100 / percent)::float8 AS delayed,
      (count(*) FILTER (WHERE state = 'pending' AND blocked) * 100 / percent)::float8 AS "inLine",
      (count(*) FILTER (WHERE state = 'claimed') * 100 / percent)::float8 AS claimed
    FROM sample CROSS JOIN LATERAL (
      SELECT channel, state, blocked, run_at FROM requeuest_request TABLESAMPLE SYSTEM (sample.percent)
      WHERE state IN ('pending', 'claimed')) AS request
    GROUP BY channel, percent`
}
