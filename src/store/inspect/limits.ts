import type { ScopeKind, ScopeName } from '../../policy/scope.ts'
import type { PrismaTransactionLike } from '../db.ts'
import { type Fragment, fragment, joined } from '../statement.ts'

export interface LimitRow {
  name: string
  pausedAtMs: number | null
  concurrency: number | null
  rate: number | null
  rateIntervalMs: number
  breaker: 'closed' | 'open' | 'half_open'
  /** When an open breaker lets a request through. */
  openUntilMs: number | null
  openCount: number
  /** Until when the origin asked not to be sent anything; null where that is over. */
  retryAtMs: number | null
}

/** Up to `limit` channels or origins of which there is something to say, by name, behind the given one. */
export function listLimits(db: PrismaTransactionLike, kind: ScopeKind, behind: string, limit: number) {
  return select(db, kind, fragment` AND name > ${behind} ORDER BY name LIMIT ${limit}::int`)
}

/** The channel or origin of that name, if there is something to say of it. */
export function findLimit(db: PrismaTransactionLike, kind: ScopeKind, name: string) {
  return select(db, kind, fragment` AND name = ${name}`)
}

function select(db: PrismaTransactionLike, kind: ScopeKind, which: Fragment) {
  const { query, values } = joined(
    fragment`
    SELECT /* requeuest:listLimits */ name, (extract(epoch FROM paused_at) * 1000)::float8 AS "pausedAtMs",
      concurrency, rate, rate_interval_ms AS "rateIntervalMs", breaker::text,
      (extract(epoch FROM CASE breaker WHEN 'open' THEN open_until WHEN 'half_open' THEN probe_until END) * 1000)::float8 AS "openUntilMs",
      open_count AS "openCount",
      (extract(epoch FROM CASE WHEN retry_at > statement_timestamp() THEN retry_at END) * 1000)::float8 AS "retryAtMs"
    FROM requeuest_limit
    WHERE kind = ${kind}::text::requeuest_limit_kind
      AND (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL OR breaker <> 'closed'
        OR retry_at > statement_timestamp())`,
    which,
  )
  return db.$queryRaw<LimitRow[]>(query, ...values)
}

/** The limits of one channel or origin, if it has a row. */
export function selectLimits(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$queryRaw<Pick<LimitRow, 'concurrency' | 'rate' | 'rateIntervalMs'>[]>`
    SELECT /* requeuest:selectLimits */ concurrency, rate, rate_interval_ms AS "rateIntervalMs"
    FROM requeuest_limit WHERE kind = ${kind}::text::requeuest_limit_kind AND name = ${name}`
}
