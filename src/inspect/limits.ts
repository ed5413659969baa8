import type { ScopeLimits, ScopeName } from '../policy/scope.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { selectLimits } from '../store/inspect/limits.ts'

/** The limits of one channel or origin. */
export async function limitsOf(db: PrismaTransactionLike, scope: ScopeName): Promise<ScopeLimits> {
  const [row] = await withDatabaseErrors(() => selectLimits(db, scope))
  const { concurrency = null, rate = null, rateIntervalMs = 0 } = row ?? {}
  return { concurrency, rate: rate === null ? null : { limit: rate, intervalMs: rateIntervalMs } }
}
