import type { ScopeKind } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** JSON has no infinity but as a text. */
type Infinite = 'Infinity' | '-Infinity'

/** A channel or an origin with a pause, a limit or a breaker. */
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
export interface SettingsRow {
  /** What is paused, limited, or waits to recover, but for the origins that are only kept back. */
  scopes: ScopeState[]
  /** Whether there are origins that are not told of, since all that matters of them now is that nothing of theirs is claimed. */
  keptBack: boolean
  /** Milliseconds until the next request is due; null when none is pending, or when that was not asked. */
  dueInMs: number | null
}

/**
 * The next request is found by stepping from one priority to the next in the index that claims use, and from one channel to
 * the next where all are of interest. Times are subtracted as numbers: before version 17, Postgres subtracts no infinite one.
 *
 * `priority >= -32768`, which always holds, names that index (see `claimRequests`).
 *
 * There may be many origins that are paused or left alone, and claims pass them by without being told. Told of are those of
 * which the worker has something, those that are limited, those that it may probe, and those whose time is nearly over, so
 * that it begins slowly.
 *
 * @param channels - which channels are of interest; null for all
 * @param withDue - whether to look for the next request
 * @param inUse - the origins of which the worker has something
 */
export function selectSettings(
  db: PrismaTransactionLike,
  channels: readonly string[] | null,
  workerId: string,
  withDue: boolean,
  inUse: readonly string[],
) {
  const wanted = channels && textList(channels)
  return db.$queryRaw<SettingsRow[]>`
    WITH /* requeuest:selectSettings */ RECURSIVE named (channel, priority, run_at) AS (
      SELECT wanted.channel, first.*
      FROM unnest((SELECT ${wanted}::text[])) AS wanted (channel)
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
        ORDER BY priority, run_at LIMIT 1) AS first
      WHERE (SELECT ${withDue}::boolean)
      UNION ALL
      SELECT named.channel, next.*
      FROM named
      CROSS JOIN LATERAL (
        SELECT priority, run_at FROM requeuest_request
        WHERE channel = named.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
          AND priority > named.priority
        ORDER BY priority, run_at LIMIT 1) AS next
    ), every (channel, priority, run_at) AS (
      (SELECT channel, priority, run_at FROM requeuest_request
      WHERE state = 'pending' AND NOT blocked AND priority >= -32768
        AND (SELECT ${withDue}::boolean AND ${wanted}::text IS NULL)
      ORDER BY channel, priority, run_at LIMIT 1)
      UNION ALL
      SELECT next.*
      FROM every
      CROSS JOIN LATERAL (
        SELECT channel, priority, run_at FROM requeuest_request
        WHERE state = 'pending' AND NOT blocked AND priority >= -32768
          AND (channel, priority) > (every.channel, every.priority)
        ORDER BY channel, priority, run_at LIMIT 1) AS next
    ), limited AS MATERIALIZED (
      SELECT *, concurrency IS NULL AND rate IS NULL
          AND (paused_at IS NOT NULL OR greatest(retry_at, CASE breaker WHEN 'open' THEN open_until WHEN 'half_open' THEN probe_until END)
            > statement_timestamp() + interval '2 seconds')
          AND probed_by IS DISTINCT FROM ${workerId} AND name NOT IN (SELECT unnest((SELECT ${textList(inUse)}::text[])))
          AND kind = 'origin' AS kept_back
      FROM requeuest_limit
      WHERE (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL OR breaker <> 'closed'
          OR retry_at > statement_timestamp())
        AND (kind = 'origin' OR (SELECT ${wanted}::text) IS NULL OR name = ANY ((SELECT ${wanted}::text[])::text[]))
    ), scope AS (
      SELECT kind::text, name, paused_at IS NOT NULL AS paused, concurrency, rate_interval_ms::float8 / rate AS "spacingMs",
        ((extract(epoch FROM retry_at) - extract(epoch FROM statement_timestamp())) * 1000)::float8 AS "retryInMs",
        breaker::text,
        ((extract(epoch FROM CASE WHEN breaker = 'open' THEN open_until WHEN probed_by <> ${workerId} THEN probe_until END)
          - extract(epoch FROM statement_timestamp())) * 1000)::float8 AS "openForMs"
      FROM limited WHERE NOT coalesce(kept_back, false)
    )
    SELECT EXISTS (SELECT FROM limited WHERE kept_back) AS "keptBack",
      (SELECT coalesce(json_agg(scope), '[]') FROM scope) AS scopes,
      (SELECT ((extract(epoch FROM min(run_at)) - extract(epoch FROM statement_timestamp())) * 1000)::float8
        FROM (SELECT run_at FROM named UNION ALL SELECT run_at FROM every) AS next) AS "dueInMs"`
}
