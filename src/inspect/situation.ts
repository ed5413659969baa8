import { toDate } from '../check/moment.ts'
import type { RateLimit } from '../policy/scope.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { type SituationRow, selectSituation } from '../store/inspect/situation.ts'
import { listWorkers } from '../store/inspect/workers.ts'
import { isLive } from './workers.ts'

/** What keeps a channel's or a receiver's requests back. */
export interface Restraint {
  pausedAt: Date | null
  concurrency: number | null
  rate: RateLimit | null
}

/** What, besides a request's own state, says what becomes of it next, and facts that a list leaves out. */
export interface Situation {
  /** By the database's clock. */
  now: Date
  origin: string
  dedupeKey: string | null
  schedule: { name: string; for: Date | null } | null
  /** Null for no limit. */
  maxAttempts: number | null
  expiresAt: Date | null
  timeoutMs: number
  /** Bytes of the stored body; null if there is none. */
  bodySize: number | null
  claim: { workerId: string | null; at: Date | null; leaseUntil: Date | null }
  /** When the channel's handler runs next; null if it need not. */
  handler: { dueAt: Date; errors: number } | null
  channel: Restraint
  receiver: Restraint & { breaker: 'closed' | 'open' | 'half_open'; openUntil: Date | null; retryAt: Date | null }
  /** The failed request that holds its line, if it is held. */
  heldBy: { id: string; at: Date | null } | null
  /** The first live request before it in its line. */
  firstInLine: { id: string; state: string } | null
  /** How many live workers take requests of the channel. */
  workers: number
}

const NO_LIMIT = 2_147_483_647

export async function situation(db: PrismaTransactionLike, id: string, channel: string): Promise<Situation | null> {
  const [[row], workers] = await withDatabaseErrors(() => Promise.all([selectSituation(db, id), listWorkers(db, 0)]))
  if (!row) return null
  const serve = workers.filter(isLive).filter(({ channels }) => channels.length === 0 || channels.includes(channel))
  return { ...toSituation(row), workers: serve.length }
}

function toSituation(row: SituationRow): Omit<Situation, 'workers'> {
  const { nowMs, origin, dedupeKey, schedule, maxAttempts, timeoutMs, bodySize, heldById, firstId, firstState } = row
  return {
    now: toDate(nowMs),
    origin,
    dedupeKey,
    schedule: schedule === null ? null : { name: schedule, for: toDate(row.scheduledForMs) },
    maxAttempts: maxAttempts === NO_LIMIT ? null : maxAttempts,
    expiresAt: toDate(row.expiresAtMs),
    timeoutMs,
    bodySize,
    claim: { workerId: row.claimedBy, at: toDate(row.claimedAtMs), leaseUntil: toDate(row.leaseUntilMs) },
    handler: row.handlerDueAtMs === null ? null : { dueAt: toDate(row.handlerDueAtMs), errors: row.handlerErrors },
    channel: {
      pausedAt: toDate(row.channelPausedAtMs),
      concurrency: row.channelConcurrency,
      rate: toRate(row.channelRate, row.channelRateIntervalMs),
    },
    receiver: {
      pausedAt: toDate(row.originPausedAtMs),
      concurrency: row.originConcurrency,
      rate: toRate(row.originRate, row.originRateIntervalMs),
      breaker: row.breaker ?? 'closed',
      openUntil: toDate(row.openUntilMs),
      retryAt: row.retryAtMs !== null && row.retryAtMs > nowMs ? toDate(row.retryAtMs) : null,
    },
    heldBy: heldById === null ? null : { id: heldById, at: toDate(row.heldAtMs) },
    firstInLine: firstId === null || firstState === null ? null : { id: firstId, state: firstState },
  }
}

function toRate(limit: number | null, intervalMs: number | null): RateLimit | null {
  return limit === null || intervalMs === null ? null : { limit, intervalMs }
}
