import type { ScopeKind } from '../core/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** JSON has no infinity but as a text. */
type Infinite = 'Infinity' | '-Infinity'

/** A channel or an origin of which there is something to say. */
export interface ScopeState {
  kind: ScopeKind
  name: string
  paused: boolean
  concurrency: number | null
  /** Milliseconds between two starts; null where there is no limit on the rate. */
  spacingMs: number | null
  /** Milliseconds until it has said that it may be sent to again; null when it has not. */
  retryInMs: number | Infinite | null
  breaker: 'closed' | 'open' | 'half_open'
  /** Milliseconds until an open breaker lets a request through, or the trial of another worker has had its time. */
  openForMs: number | Infinite | null
}

/** What a worker has to know from time to time, in one statement, since at rest that is all that it asks. */
export interface OutlookRow {
  /** What is paused, limited, or waits to recover. */
  scopes: ScopeState[]
  /** Milliseconds until the next request is due; null when none is pending, or when that was not asked. */
  dueInMs: number | null
}

/**
 * The next request is found by stepping from one priority to the next in the index that claims use, and from one channel to
 * the next where all are of interest. Times are subtracted as numbers: before version 17, Postgres subtracts no infinite one.
 *
 * @param channels - which channels are of interest; null for all
 * @param withDue - whether to look for the next request
 */
export function selectOutlook(
  db: PrismaTransactionLike,
  channels: readonly string[] | null,
  workerId: string,
  withDue: boolean,
) {
  const wanted = channels && textList(channels)
  return db.$queryRaw<OutlookRow[]>`
    WITH RECURSIVE named (channel, priority, run_at) AS (
      SELECT wanted.channel, first.*
      FROM unnest(${wanted}::text[]) AS wanted (channel)
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT waits_in_line AND priority >= -32768
        ORDER BY priority, run_at LIMIT 1) AS first
      WHERE ${withDue}::boolean
      UNION ALL
      SELECT named.channel, next.*
      FROM named
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = named.channel AND state = 'pending' AND NOT waits_in_line AND priority >= -32768
          AND priority > named.priority
        ORDER BY priority, run_at LIMIT 1) AS next
    ), every (channel, priority, run_at) AS (
      (SELECT channel, priority, run_at FROM requeuest_request
      WHERE state = 'pending' AND NOT waits_in_line AND priority >= -32768
        AND ${withDue}::boolean AND ${wanted}::text IS NULL
      ORDER BY channel, priority, run_at LIMIT 1)
      UNION ALL
      SELECT next.*
      FROM every
      CROSS JOIN LATERAL (
        SELECT channel, priority, run_at FROM requeuest_request
        WHERE state = 'pending' AND NOT waits_in_line AND priority >= -32768
          AND (channel, priority) > (every.channel, every.priority)
        ORDER BY channel, priority, run_at LIMIT 1) AS next
    ), scope AS (
      SELECT 'channel' AS kind, channel AS name, paused_at IS NOT NULL AS paused, concurrency,
        rate_interval_ms::float8 / rate AS "spacingMs", NULL::float8 AS "retryInMs", 'closed' AS breaker,
        NULL::float8 AS "openForMs"
      FROM requeuest_channel
      WHERE (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL)
        AND (${wanted}::text IS NULL OR channel = ANY (${wanted}::text[]))
      UNION ALL
      SELECT 'origin', origin, paused_at IS NOT NULL, concurrency, rate_interval_ms::float8 / rate,
        ((extract(epoch FROM retry_at) - extract(epoch FROM statement_timestamp())) * 1000)::float8, breaker::text,
        ((extract(epoch FROM CASE WHEN breaker = 'open' THEN open_until WHEN probed_by <> ${workerId} THEN probe_until END)
          - extract(epoch FROM statement_timestamp())) * 1000)::float8
      FROM requeuest_origin
      WHERE paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL OR breaker <> 'closed'
        OR retry_at > statement_timestamp()
    )
    SELECT (SELECT coalesce(json_agg(scope), '[]') FROM scope) AS scopes,
      (SELECT ((extract(epoch FROM min(run_at)) - extract(epoch FROM statement_timestamp())) * 1000)::float8
        FROM (SELECT run_at FROM named UNION ALL SELECT run_at FROM every) AS next) AS "dueInMs"`
}
