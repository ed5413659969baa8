import { checkInteger, checkKeys, checkObject, checkText } from '../check/check.ts'
import { toDate } from '../check/moment.ts'
import type { RateLimit } from '../policy/scope.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { findLimit, type LimitRow, listLimits } from '../store/inspect/limits.ts'

/** An origin that is paused, limited or left alone. */
export interface FoundOrigin {
  origin: string
  pausedAt: Date | null
  /** How many requests to it may be in flight at once; null for no limit. */
  concurrency: number | null
  /** How many requests to it may start in an interval; null for no limit. */
  rate: RateLimit | null
  breaker: 'closed' | 'open' | 'half_open'
  /** When an open breaker lets a request through, or until when a worker may probe; null if the breaker is closed. */
  openUntil: Date | null
  /** How many times in a row the breaker has opened. */
  openCount: number
  /** Until when the origin asked not to be sent anything (`Retry-After`); null if that is over. */
  retryAt: Date | null
}

/** Options of {@link Inspect.origins}. */
export interface OriginOptions {
  /** How many to return; 1 to 1000. @default 100 */
  limit?: number
  /** Only origins whose names come after this: the last one of the page before. */
  after?: string
}

export async function origins(db: PrismaTransactionLike, options: OriginOptions): Promise<FoundOrigin[]> {
  checkObject('options', options)
  checkKeys('options', options, ['limit', 'after'])
  const limit = checkInteger('options.limit', options.limit ?? 100, 1, 1000)
  const after = options.after === undefined ? '' : checkText('options.after', options.after, 300)
  const rows = await withDatabaseErrors(() => listLimits(db, 'origin', after, limit))
  return rows.map(toOrigin)
}

export async function origin(db: PrismaTransactionLike, name: string): Promise<FoundOrigin | null> {
  const checked = checkText('origin', name, 300)
  const [row] = await withDatabaseErrors(() => findLimit(db, 'origin', checked))
  return row === undefined ? null : toOrigin(row)
}

function toOrigin({ name, rate, rateIntervalMs, pausedAtMs, openUntilMs, retryAtMs, ...row }: LimitRow): FoundOrigin {
  return {
    ...row,
    origin: name,
    rate: rate === null ? null : { limit: rate, intervalMs: rateIntervalMs },
    pausedAt: toDate(pausedAtMs),
    openUntil: toDate(openUntilMs),
    retryAt: toDate(retryAtMs),
  }
}
