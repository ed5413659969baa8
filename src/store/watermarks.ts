import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** Nothing that waits in this channel with this priority stands before it, as far as is known. */
export interface LowWatermark {
  channel: string
  priority: number
  runAtMs: number
  id: string
}

/** Transactions that take longer than this may commit requests that stand before what was seen. */
const SLACK_MS = 2000

/**
 * Raises watermarks to the first request that waits at or above each, but not into the last {@link SLACK_MS}. What is encrypted
 * with a missing key is passed by. `priority >= -32768`, which always holds, names the index (see `claimRequests`).
 */
export function findLowWatermarks(
  db: PrismaTransactionLike,
  watermarks: readonly LowWatermark[],
  missingKeys: readonly string[],
) {
  return db.$queryRaw<LowWatermark[]>`
    SELECT /* requeuest:findLowWatermarks */ lane.channel, lane.priority, (extract(epoch FROM coalesce(head.run_at, recent.run_at)) * 1000)::float8 AS "runAtMs",
      coalesce(head.id, '00000000-0000-0000-0000-000000000000')::text AS id
    FROM (SELECT date_trunc('milliseconds', statement_timestamp()) - ${SLACK_MS}::int * interval '1 millisecond') AS recent (run_at)
    CROSS JOIN unnest(
      ${textList(watermarks.map((watermark) => watermark.channel))}::text[],
      ${plainList(watermarks.map((watermark) => watermark.priority))}::smallint[],
      ${plainList(watermarks.map((watermark) => watermark.runAtMs))}::float8[],
      ${plainList(watermarks.map((watermark) => watermark.id))}::uuid[]
    ) AS lane (channel, priority, run_at_ms, id)
    LEFT JOIN LATERAL (
      SELECT run_at, id FROM requeuest_request
      WHERE channel = lane.channel AND priority = lane.priority AND state = 'pending' AND NOT blocked
        AND priority >= -32768 AND (run_at, id) >= (to_timestamp(lane.run_at_ms / 1000), lane.id) AND run_at < recent.run_at
        AND coalesce(encryption_key, '') <> ALL (${textList(missingKeys)}::text[])
      ORDER BY run_at, id LIMIT 1) AS head ON true`
}

/** How many requests of a lane are passed by at once. */
const PASSED_BY = 10_000

/**
 * Raises watermarks to the first due request at or above each that may be answered in time, or as far as it has looked. A lane in
 * which nothing is due keeps its watermark. `priority >= -32768`, which always holds, names the index (see `claimRequests`).
 */
export function findFittingWatermarks(
  db: PrismaTransactionLike,
  watermarks: readonly LowWatermark[],
  longestTimeoutMs: number,
) {
  return db.$queryRaw<LowWatermark[]>`
    SELECT /* requeuest:findFittingWatermarks */ lane.channel, lane.priority,
      coalesce((extract(epoch FROM first.run_at) * 1000)::float8, lane.run_at_ms) AS "runAtMs",
      coalesce(first.id, lane.id)::text AS id
    FROM (SELECT ${longestTimeoutMs}::int) AS longest (timeout_ms)
    CROSS JOIN unnest(
      ${textList(watermarks.map((watermark) => watermark.channel))}::text[],
      ${plainList(watermarks.map((watermark) => watermark.priority))}::smallint[],
      ${plainList(watermarks.map((watermark) => watermark.runAtMs))}::float8[],
      ${plainList(watermarks.map((watermark) => watermark.id))}::uuid[]
    ) AS lane (channel, priority, run_at_ms, id)
    LEFT JOIN LATERAL (
      SELECT run_at, id FROM (
        SELECT run_at, id, timeout_ms <= longest.timeout_ms AS fits FROM requeuest_request
        WHERE channel = lane.channel AND priority = lane.priority AND state = 'pending' AND NOT blocked
          AND priority >= -32768 AND (run_at, id) >= (to_timestamp(lane.run_at_ms / 1000), lane.id)
          AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT ${PASSED_BY}::int) AS seen
      ORDER BY fits DESC, CASE WHEN fits THEN run_at END, CASE WHEN fits THEN id END, run_at DESC, id DESC
      LIMIT 1) AS first ON true`
}
