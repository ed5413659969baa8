import type { ScopeLimits } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'

/** What is left out stays as it is. */
export function setChannelLimits(db: PrismaTransactionLike, channel: string, limits: Partial<ScopeLimits>) {
  const { concurrency, rate, setsConcurrency, setsRate } = columnsOf(limits)
  return db.$executeRaw`
    INSERT INTO requeuest_channel AS control (channel, concurrency, rate, rate_interval_ms)
    VALUES (${channel}, ${concurrency}::int, ${rate?.limit ?? null}::int, ${rate?.intervalMs ?? 1000}::int)
    ON CONFLICT (channel) DO UPDATE SET
      concurrency = CASE WHEN ${setsConcurrency}::boolean THEN excluded.concurrency ELSE control.concurrency END,
      rate = CASE WHEN ${setsRate}::boolean THEN excluded.rate ELSE control.rate END,
      rate_interval_ms = CASE WHEN ${setsRate}::boolean THEN excluded.rate_interval_ms ELSE control.rate_interval_ms END`
}

/** As {@link setChannelLimits}. */
export function setOriginLimits(db: PrismaTransactionLike, origin: string, limits: Partial<ScopeLimits>) {
  const { concurrency, rate, setsConcurrency, setsRate } = columnsOf(limits)
  return db.$executeRaw`
    INSERT INTO requeuest_origin AS control (origin, concurrency, rate, rate_interval_ms)
    VALUES (${origin}, ${concurrency}::int, ${rate?.limit ?? null}::int, ${rate?.intervalMs ?? 1000}::int)
    ON CONFLICT (origin) DO UPDATE SET
      concurrency = CASE WHEN ${setsConcurrency}::boolean THEN excluded.concurrency ELSE control.concurrency END,
      rate = CASE WHEN ${setsRate}::boolean THEN excluded.rate ELSE control.rate END,
      rate_interval_ms = CASE WHEN ${setsRate}::boolean THEN excluded.rate_interval_ms ELSE control.rate_interval_ms END`
}

function columnsOf({ concurrency, rate }: Partial<ScopeLimits>) {
  return {
    concurrency: concurrency ?? null,
    rate: rate ?? null,
    setsConcurrency: concurrency !== undefined,
    setsRate: rate !== undefined,
  }
}
