import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { RateLimit, ScopeLimits } from '../policy/scope.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { upsertLimits } from '../store/limits.ts'
import { type ControlTarget, resolveScope } from './target.ts'

/** A rate limit. */
export interface RateOptions {
  /** How many requests may start in `interval`; 1 to 1 000 000. */
  limit: number
  /** Interval of `limit`; 1 ms to a day. @default '1s' */
  interval?: Duration
}

/** Limits for all processes together. Omitted limits stay as they are; null removes a limit. */
export interface LimitOptions {
  /** How many requests may be in flight at once; 1 to 1 000 000. */
  concurrency?: number | null
  /** How many requests may start in an interval, evenly spread over it. */
  rate?: RateOptions | null
}

const MOST = 1_000_000

export async function setLimits(
  db: Database,
  target: ControlTarget,
  limits: LimitOptions,
  tx: PrismaTransactionLike | undefined,
): Promise<void> {
  const scope = resolveScope(target)
  const resolved = resolveLimits(limits)
  await inTransactionOfCaller(db, tx, (into) => upsertLimits(into, scope, resolved))
}

function resolveLimits(limits: LimitOptions): Partial<ScopeLimits> {
  checkObject('limits', limits, 'an object such as { concurrency: 5, rate: { limit: 100 } }')
  checkKeys('limits', limits, ['concurrency', 'rate'])
  const { concurrency, rate } = limits
  if (concurrency === undefined && rate === undefined)
    throw new InvalidInputError('limits', limits, 'at least one of `concurrency` and `rate`')
  return {
    ...(concurrency !== undefined && {
      concurrency: concurrency === null ? null : checkInteger('limits.concurrency', concurrency, 1, MOST),
    }),
    ...(rate !== undefined && { rate: rate === null ? null : resolveRate(rate) }),
  }
}

function resolveRate(rate: RateOptions): RateLimit {
  checkObject('limits.rate', rate, "an object such as { limit: 100, interval: '1s' }")
  checkKeys('limits.rate', rate, ['limit', 'interval'])
  const { limit, interval = '1s' } = rate
  return {
    limit: checkInteger('limits.rate.limit', limit, 1, MOST),
    intervalMs: checkDuration('limits.rate.interval', interval, 1, DAY_MS),
  }
}
