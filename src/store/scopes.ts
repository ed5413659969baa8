import type { ScopeKind } from '../core/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** A channel or an origin of which there is something to say. */
export interface ScopeState {
  kind: ScopeKind
  name: string
  paused: boolean
  concurrency: number | null
  /** Milliseconds between two starts; null where there is no limit on the rate. */
  spacingMs: number | null
  /** Milliseconds until it has said that it may be sent to again; null when it has not. */
  retryInMs: number | null
  breaker: 'closed' | 'open' | 'half_open'
  /** Milliseconds until an open breaker lets a request through, or the trial of another worker has had its time. */
  openForMs: number | null
}

/**
 * What is paused, limited, or waits to recover.
 *
 * @param channels - which channels are of interest; null for all
 */
export function listScopes(db: PrismaTransactionLike, channels: readonly string[] | null, workerId: string) {
  const wanted = channels && textList(channels)
  return db.$queryRaw<ScopeState[]>`
    SELECT 'channel' AS kind, channel AS name, paused_at IS NOT NULL AS paused, concurrency,
      rate_interval_ms::float8 / rate AS "spacingMs", NULL::float8 AS "retryInMs", 'closed' AS breaker,
      NULL::float8 AS "openForMs"
    FROM requeuest_channel
    WHERE (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL)
      AND (${wanted}::text IS NULL OR channel = ANY (${wanted}::text[]))
    UNION ALL
    SELECT 'origin', origin, paused_at IS NOT NULL, concurrency, rate_interval_ms::float8 / rate,
      (extract(epoch FROM retry_at - statement_timestamp()) * 1000)::float8, breaker::text,
      (extract(epoch FROM CASE WHEN breaker = 'open' THEN open_until WHEN probed_by <> ${workerId} THEN probe_until END
        - statement_timestamp()) * 1000)::float8
    FROM requeuest_origin
    WHERE paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL OR breaker <> 'closed'
      OR retry_at > statement_timestamp()`
}
