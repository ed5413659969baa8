import type { ScopeLimits, ScopeName } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'

/** Sets the limits of a channel or an origin. What is left out stays as it is. */
export function upsertLimits(db: PrismaTransactionLike, { kind, name }: ScopeName, limits: Partial<ScopeLimits>) {
  const { concurrency, rate } = limits
  return db.$executeRaw`
    INSERT /* requeuest:upsertLimits */ INTO requeuest_limit AS control (kind, name, concurrency, rate, rate_interval_ms)
    VALUES (
      ${kind}::text::requeuest_limit_kind, ${name}, ${concurrency ?? null}::int, ${rate?.limit ?? null}::int,
      ${rate?.intervalMs ?? 1000}::int)
    ON CONFLICT (kind, name) DO UPDATE SET
      concurrency = CASE WHEN ${concurrency !== undefined}::boolean THEN excluded.concurrency ELSE control.concurrency END,
      rate = CASE WHEN ${rate !== undefined}::boolean THEN excluded.rate ELSE control.rate END,
      rate_interval_ms = CASE WHEN ${rate !== undefined}::boolean THEN excluded.rate_interval_ms ELSE control.rate_interval_ms END`
}
