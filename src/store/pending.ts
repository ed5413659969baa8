import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** How many due requests of a channel and priority are looked at: as many as tell, however long the backlog. */
const LOOKED_AT = 100

/** The channels that have pending requests, found by stepping through the index of `claimRequests` from one to the next. */
export function listPendingChannels(db: PrismaTransactionLike) {
  return db.$queryRaw<{ channel: string }[]>`
    WITH /* requeuest:listPendingChannels */ RECURSIVE found (channel) AS (
      (SELECT channel FROM requeuest_request
        WHERE state = 'pending' AND NOT blocked AND priority >= -32768
        ORDER BY channel LIMIT 1)
      UNION ALL
      SELECT next.channel FROM found CROSS JOIN LATERAL (
        SELECT channel FROM requeuest_request
        WHERE state = 'pending' AND NOT blocked AND priority >= -32768 AND channel > found.channel
        ORDER BY channel LIMIT 1) AS next
    )
    SELECT channel FROM found`
}

/**
 * Whether something waits that may take longer than this to be answered, among the first that are due and may be sent. Each
 * priority is probed in the order of the index that `priority >= -32768`, which always holds, names (see `claimRequests`).
 */
export function findOutlasting(db: PrismaTransactionLike, channels: readonly string[], longestTimeoutMs: number) {
  return db.$queryRaw<{ found: boolean }[]>`
    SELECT /* requeuest:findOutlasting */ EXISTS (
      SELECT FROM unnest((SELECT ${textList(channels)}::text[])) AS wanted (channel)
      CROSS JOIN generate_series(0, 9) AS level (priority)
      CROSS JOIN LATERAL (
        SELECT origin, timeout_ms FROM requeuest_request
        WHERE channel = wanted.channel AND priority = level.priority AND state = 'pending' AND NOT blocked
          AND priority >= -32768 AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT ${LOOKED_AT}::int) AS due
      WHERE due.timeout_ms > ${longestTimeoutMs}::int AND NOT EXISTS (
        SELECT FROM requeuest_limit
        WHERE (kind = 'channel' AND name = wanted.channel AND paused_at IS NOT NULL)
          OR (kind = 'origin' AND name = due.origin
            AND (paused_at IS NOT NULL OR breaker <> 'closed' OR retry_at > statement_timestamp())))) AS found`
}
